//! Macros of functions that count the arguments of their calls, and what a call with another number becomes.
//!
//! In: what `graph!` says to a function's macro, where the number of arguments stands behind the word. Out: for as many as the function takes, what `__task_call` and its
//! like give, in one step. For others a call of the function itself, so that the compiler says which argument is missing, or too many, and of which type, and
//! a handle of its output, so that nothing follows. What `graph!` passes is no value of that type always: [`Given`] is one wherever that can be known, and else of any type.
//! Of arguments that are tasks' or in other containers nothing else is said, for they may be right.
//!
//! Not here: functions of more than eight parameters, seven being what clippy lets pass. Their macros do not count, and the compiler may say more than one thing.

use crate::graph::{Builder, Delayed};

/// For each number of parameters: the macros of functions, of those that return a `Result`, generic ones, generic ones that return one, and those with options.
macro_rules! counted {
    ($d:tt $($n:tt $task:ident $try:ident $generic:ident $generic_try:ident $optioned:ident $optioned_try:ident;)*) => {$(
        counted! { @task $d $n $task __task_call { (@gate $d own:tt {$d($d good:tt)*} $d bad:tt) => {{ $d($d good)* }}; } { (@known $d g:ident {$d($d f:tt)*} $d value:ident) => { $d g.known::<$d($d f)*, _>(&$d value) }; } }
        counted! { @try $d $n $try __try_task_call { (@gate $d own:tt {$d($d good:tt)*} $d bad:tt) => {{ $d($d good)* }}; } { (@known $d g:ident {$d($d f:tt)*} $d value:ident) => { $d g.known::<$d($d f)*, _>(&$d value) }; } }
        counted! { @task $d $n $generic __generic_task_call {} { (@known $d($d known:tt)*) => { $d crate::__private::NoOtherMacro }; } }
        counted! { @try $d $n $generic_try __generic_try_task_call {} { (@known $d($d known:tt)*) => { $d crate::__private::NoOtherMacro }; } }
        counted! { @task $d $n $optioned __optioned_task_call {} { (@known $d g:ident {$d($d f:tt)*} $d value:ident) => { $d g.known::<$d($d f)*, _>(&$d value) }; } }
        counted! { @try $d $n $optioned_try __optioned_try_task_call {} { (@known $d g:ident {$d($d f:tt)*} $d value:ident) => { $d g.known::<$d($d f)*, _>(&$d value) }; } }
    )*};
    (@task $d:tt $n:tt $name:ident $base:ident $gate:tt $known:tt) => {
        counted! { @all $d $n $name $base $gate $known {
            (@untried $d f:tt $d at:tt $d($d value:tt)*) => { $d($d value)* };
            (@untried_known $d f:tt $d at:tt $d($d value:tt)*) => { $d($d value)* };
            (@untried_by $d($d rest:tt)*) => { () };
            (@try $n $d g:ident {$d($d f:tt)*} $d plain:tt {[$d($d turbofish:tt)*] $d or_fail:tt} ($d($d arg:tt)*)) => {
                $d g.add($d crate::__private::or_fail($d($d f)*::task $d($d turbofish)* ($d($d arg)*)))
            };
            (@try $n $d g:ident {$d($d f:tt)*} $d plain:tt {[$d($d turbofish:tt)*] $d or_fail:tt} [$d({$d how:ident $d($d arg:tt)*})*]) => {
                $d g.add($d crate::__private::or_fail(
                    $d($d f)*::task $d($d turbofish)* ($d($d crate::__task_call!(@argument $d how $d($d arg)*)),*)
                ))
            };
        } }
    };
    (@try $d:tt $n:tt $name:ident $base:ident $gate:tt $known:tt) => {
        counted! { @all $d $n $name $base $gate $known {
            (@untried {$d($d f:tt)*} $d at:tt $d($d value:tt)*) => {{
                #[allow(unused_imports)]
                use $d crate::__private::Passed as _;
                $d crate::__private::Untried::<
                    <<$d($d f)* as $d crate::__private::Body>::Parameters as $d crate::__private::Nth<$d at>>::Parameter, _
                >::new($d($d value)*).__tw_passed()
            }};
            (@untried_known {$d($d f:tt)*} $d at:tt $d($d value:tt)*) => {{
                #[allow(unused_imports)]
                use $d crate::__private::Passed as _;
                $d crate::__private::Untried::<
                    <<$d($d f)* as $d crate::__private::Body>::Parameters as $d crate::__private::Nth<$d at>>::Parameter, _
                >::new($d($d value)*).__tw_passed_on()
            }};
            (@untried_by $d value:ident $d({{$d($d f:tt)*} $d at:tt $d how:ident})*) => {{
                #[allow(unused_imports)]
                use $d crate::__private::Reads as _;
                $d crate::__private::Right
                    $d(.and($d crate::__private::Reader::<
                        <<$d($d f)* as $d crate::__private::Body>::Parameters as $d crate::__private::Nth<$d at>>::Parameter, _
                    >::$d how(&$d value).__tw_reads()))*
                    .told()
            }};
            (@try $n $d g:ident {$d($d f:tt)*} $d plain:tt {$d task:tt [$d($d turbofish:tt)*]} ($d($d arg:tt)*)) => {
                $d g.add($d($d f)*::task_or_fail $d($d turbofish)* ($d($d arg)*))
            };
            (@try $n $d g:ident {$d($d f:tt)*} $d plain:tt {$d task:tt [$d($d turbofish:tt)*]} [$d({$d how:ident $d($d arg:tt)*})*]) => {
                $d g.add($d($d f)*::task_or_fail $d($d turbofish)* ($d($d crate::__task_call!(@argument $d how $d($d arg)*)),*))
            };
        } }
    };
    (@all $d:tt $n:tt $name:ident $base:ident {$($gate:tt)*} {$($known:tt)*} {$($try:tt)*}) => {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $name {
            (@call $n $d g:ident {$d($d f:tt)*} $d plain:tt {$d($d turbofish:tt)*} ($d($d arg:tt)*)) => {
                $d g.add($d($d f)*::task $d($d turbofish)* ($d($d arg)*))
            };
            (@call $n $d g:ident {$d($d f:tt)*} $d plain:tt {$d($d turbofish:tt)*} [$d({$d how:ident $d($d arg:tt)*})*]) => {
                $d g.add($d($d f)*::task $d($d turbofish)* ($d($d crate::__task_call!(@argument $d how $d($d arg)*)),*))
            };
            $($known)*
            $($try)*
            (@split $n $d g:ident $d($d call:tt)*) => {
                $d crate::__private::unzip($d crate::$name!(@call $n $d g $d($d call)*))
            };
            (@try_split $n $d g:ident $d($d call:tt)*) => {
                $d crate::__private::unzip($d crate::$name!(@try $n $d g $d($d call)*))
            };
            (@$d how:ident $d given:literal $d($d call:tt)*) => {
                __tw_wrong_count!([$d crate] $n $base $d how $d($d call)*)
            };
            (@handle_call {$d($d chain:tt)*} {$d($d method:tt)*} [$d({$d how:ident $d($d arg:tt)*})*]) => {
                $d($d chain)*.$d($d method)*($d($d crate::__task_call!(@argument $d how $d($d arg)*)),*)
            };
            (@handle_map {$d($d chain:tt)*} {$d($d method:tt)*} $d plain:tt $d task:tt) => { $d($d chain)* $d($d method)* $d task };
            (@handle_try {$d($d chain:tt)*}) => { $d($d chain)*.or_fail() };
            (@handle_split {$d($d chain:tt)*}) => { $d crate::__private::unzip($d($d chain)*) };
            (@handle_try_split {$d($d chain:tt)*}) => { $d crate::__private::unzip($d($d chain)*.or_fail()) };
            (@either {$d($d plain:tt)*} {$d($d task:tt)*}) => { $d($d task)* };
            (@needs_value {$d($d plain:tt)*} $d message:literal) => { ::core::compile_error!($d message) };
            $($gate)*
            (@gate $d($d gate:tt)*) => { $d crate::$base!(@gate $d($d gate)*) };
            (@caught $d($d call:tt)*) => { $d crate::$base!(@caught $d($d call)*) };
            ($d($d other:tt)*) => {
                ::core::compile_error!("call the function itself, or `name::task(..)` for the explicit form; the macro of this name is private to `graph!`")
            };
        }
    };
}

counted! { $
    0 __task_call_0 __try_task_call_0 __generic_task_call_0 __generic_try_task_call_0 __optioned_task_call_0 __optioned_try_task_call_0;
    1 __task_call_1 __try_task_call_1 __generic_task_call_1 __generic_try_task_call_1 __optioned_task_call_1 __optioned_try_task_call_1;
    2 __task_call_2 __try_task_call_2 __generic_task_call_2 __generic_try_task_call_2 __optioned_task_call_2 __optioned_try_task_call_2;
    3 __task_call_3 __try_task_call_3 __generic_task_call_3 __generic_try_task_call_3 __optioned_task_call_3 __optioned_try_task_call_3;
    4 __task_call_4 __try_task_call_4 __generic_task_call_4 __generic_try_task_call_4 __optioned_task_call_4 __optioned_try_task_call_4;
    5 __task_call_5 __try_task_call_5 __generic_task_call_5 __generic_try_task_call_5 __optioned_task_call_5 __optioned_try_task_call_5;
    6 __task_call_6 __try_task_call_6 __generic_task_call_6 __generic_try_task_call_6 __optioned_task_call_6 __optioned_try_task_call_6;
    7 __task_call_7 __try_task_call_7 __generic_task_call_7 __generic_try_task_call_7 __optioned_task_call_7 __optioned_try_task_call_7;
    8 __task_call_8 __try_task_call_8 __generic_task_call_8 __generic_try_task_call_8 __optioned_task_call_8 __optioned_try_task_call_8;
}

/// An argument of a call that has too many, or too few.
#[derive(Debug)]
pub struct Given<A>(pub A);

/// What is no container, and so is what the parameter takes, if it is the right one.
pub trait Scalar {}

macro_rules! scalars {
    ($($Scalar:ty),*) => {$( impl Scalar for $Scalar {} )*};
}
scalars!(f64, f32, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, bool, char);

impl<A: Scalar> Given<A> {
    /// Itself.
    pub fn value(self) -> A {
        self.0
    }
}

/// A reference in which no handle is, for those are never `Unpin`.
pub trait Reference {
    /// What it is.
    type Itself;
    /// Itself.
    fn value(self) -> Self::Itself;
}

impl<'a, A: ?Sized + Unpin> Reference for Given<&'a A> {
    type Itself = &'a A;
    fn value(self) -> &'a A {
        self.0
    }
}

/// Anything else.
pub trait Anything: Sized {
    /// A value of whatever type the parameter has. It does not run: there has been a message.
    fn value<P>(self) -> P {
        std::process::abort()
    }
}

impl<A> Anything for &Given<A> {}

/// What such a call gives: a handle of the function's output.
pub fn miscalled<'g, 'env, T>(_: &'g Builder<'env>, _: T) -> Delayed<'g, 'env, T> {
    std::process::abort()
}
