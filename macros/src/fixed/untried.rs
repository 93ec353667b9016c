//! The `?` that is missing: tasks' values without `?` that are arguments as they are, of which the tasks' own macros know whether they are `Result`s.
//!
//! In: the calls as they stand in the tasks' functions. Out: those arguments, each through the macro of the task that it comes from, which has nothing to do unless that is a `Result`.
//!
//! ```text
//! half(a)                  the argument is asked:  __tw_load!(@untried {half} 0 a)
//! half(a), add(a, b)       the value is asked once, where it is made:  { let value = __task_a(); __tw_load!(@untried_by value {half 0 given} {add 0 given}); value }
//!                          and its readers take what is in it without a word:  __tw_load!(@untried_known {half} 0 a)
//! add(a, a)                the same, in the task's function
//! ```
//! Where the value is made, the compiler goes no further: it does not say besides that a `Result` is used twice.
//!
//! Not here: what the compiler says (`fixed/untried.rs` of the runtime).

use super::check::{How, Model, Use, What, plain};
use super::expand::{Names, parameters};
use crate::graph::call_macro;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use std::collections::{BTreeMap, HashMap, HashSet};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall};

/// How many parameters of a function the library counts.
const PLACES_MAX: usize = 8;

/// An argument that is a task's value.
struct Reader {
    task: usize,
    place: usize,
    is_lent: bool,
}

/// Tasks without `?` whose values are arguments as they are, with those who read them so.
#[derive(Default)]
pub(super) struct Passed {
    readers: BTreeMap<usize, Vec<Reader>>,
    /// By the task that reads, and the place of the argument.
    given: HashMap<(usize, usize), usize>,
    /// Those that several take, the output among them.
    taken: HashSet<usize>,
    /// By task, those that it alone reads, several times, and takes.
    own: HashMap<usize, Vec<usize>>,
}

impl Passed {
    /// Of the tasks' calls, as they stand in functions of their own.
    pub(super) fn of(names: &Names<'_>, model: &Model, calls: &[ExprCall]) -> Passed {
        let mut passed = Passed::default();
        for (task, call) in calls.iter().enumerate() {
            let parameters = parameters(&model.uses[task]);
            for (place, argument) in call.args.iter().enumerate().take(PLACES_MAX) {
                let Some(one) = passed_as_it_is(&parameters, argument) else { continue };
                let What::Task(given) = one.what else { continue };
                if !names.declaration.tasks[given].tried {
                    let reader = Reader { task, place, is_lent: one.how == How::Lend };
                    passed.readers.entry(given).or_default().push(reader);
                    passed.given.insert((task, place), given);
                }
            }
        }
        let uses = model.uses.iter().chain([&model.output]).flatten();
        passed.taken = uses
            .filter(|one| one.how == How::Copy)
            .filter_map(|one| if let What::Task(given) = one.what { Some(given) } else { None })
            .collect();
        for (&given, readers) in &passed.readers {
            let is_own = |reader: &Reader| !reader.is_lent && reader.task == readers[0].task;
            if readers.len() > 1 && !passed.taken.contains(&given) && readers.iter().all(is_own) {
                passed.own.entry(readers[0].task).or_default().push(given);
            }
        }
        passed
    }

    /// Those who read the value, if it is asked where it is made.
    fn readers(&self, given: usize) -> Option<&[Reader]> {
        let readers = self.readers.get(&given)?;
        (readers.len() > 1 || self.taken.contains(&given)).then_some(readers)
    }

    /// What stands for an argument of a task.
    pub(super) fn argument(
        &self,
        names: &Names<'_>,
        task: usize,
        place: usize,
        argument: &Expr,
    ) -> Option<TokenStream> {
        let given = *self.given.get(&(task, place))?;
        let span = argument.span();
        let asked = asked(names, given, span)?;
        let (callee, place) =
            (names.callee(&names.declaration.tasks[task]), Literal::usize_unsuffixed(place));
        let rule = match self.readers(given) {
            None => quote!(@untried),
            Some(_) => quote!(@untried_known),
        };
        Some(call_macro(&asked, span, quote!(#rule {#callee} #place #argument)))
    }

    /// The call that makes a value, which is asked here, if several read or take it.
    pub(super) fn checked(
        &self,
        names: &Names<'_>,
        given: usize,
        call: TokenStream,
    ) -> TokenStream {
        let Some(readers) = self.readers(given) else { return call };
        if self.own.get(&readers[0].task).is_some_and(|own| own.contains(&given)) {
            return call;
        }
        let value = Ident::new("value", Span::mixed_site());
        match question(names, given, &value, readers) {
            Some(asked) => quote!({ let #value = #call; #asked; #value }),
            None => call,
        }
    }

    /// The call of a task that takes a value several times, which nobody else reads: it is asked here.
    pub(super) fn checked_here(&self, names: &Names<'_>, task: usize) -> TokenStream {
        let own = self.own.get(&task).into_iter().flatten();
        own.filter_map(|&given| {
            let name = &names.declaration.tasks[given].name;
            question(names, given, name, self.readers(given)?)
        })
        .map(|asked| quote!(#asked;))
        .collect()
    }
}

/// Asks whether all of them take a value as what it is.
fn question(
    names: &Names<'_>,
    given: usize,
    value: &Ident,
    readers: &[Reader],
) -> Option<TokenStream> {
    let tasks = &names.declaration.tasks;
    let span = names.callee(&tasks[given]).span();
    let asked = asked(names, given, span)?;
    let readers = readers.iter().map(|reader| {
        let (callee, place) =
            (names.callee(&tasks[reader.task]), Literal::usize_unsuffixed(reader.place));
        let how = if reader.is_lent { quote!(lent) } else { quote!(given) };
        quote!({{#callee} #place #how})
    });
    Some(call_macro(&asked, span, quote!(@untried_by #value #(#readers)*)))
}

fn passed_as_it_is<'a>(parameters: &'a [Use], argument: &Expr) -> Option<&'a Use> {
    let Expr::Path(path) = argument else { return None };
    let name = path.path.get_ident()?;
    parameters.iter().find(|one| plain(&one.name) == plain(name))
}

/// The macro of the function that makes the value, at the place that it tells of.
fn asked(names: &Names<'_>, given: usize, span: Span) -> Option<Ident> {
    let callee = names.callee(&names.declaration.tasks[given]);
    let mut asked = names.macros.get(&callee.to_token_stream().to_string())?.clone();
    asked.set_span(asked.span().located_at(span));
    Some(asked)
}
