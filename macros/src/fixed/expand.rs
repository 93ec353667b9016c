//! What runs the tasks of a static graph.
//!
//! ```text
//! fn __task_out(l: Out1, r: &Out2) -> Out0 { join(l, r) }  …               one for each task: the only place where the call stands
//! static __TW_TABLE: Table = …;                                            names, lines, who comes after whom, in the order of a run
//! run: if !self.fixed.at_once(&__TW_TABLE) {                               one after the other: locals, no allocation
//!          return self.fixed.in_order(&__TW_TABLE, move |at| { at.set(0); let s = at.keep(__task_s(x)); …; Ok(out) });
//!      }
//!      let dropped = Dropped::new();
//!      let outcome = {
//!          let slots = …;                                                  on the scheduler: a slot for each value, a task by its number
//!          let ran = self.fixed.all_at_once(&__TW_TABLE, &|task| match task { 0 => slot_3.put(__task_s(slot_x.take())), … });
//!          ran.map(|()| slot_0.take())
//!      };
//!      dropped.outcome(&__TW_TABLE, outcome)
//! ```
//! What is there while a task runs that may fail is kept, or in a slot: when it is dropped, nothing unwinds.

use super::check::{How, Model, Use, What, plain};
use super::parse::{Declaration, Output, Task};
use super::untried::Passed;
use super::uses::in_function;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Path};

pub(super) struct Names<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) door: TokenStream,
    /// The struct's field.
    pub(super) fixed: Ident,
    /// The functions, and as what their macros are known.
    pub(super) macros: HashMap<String, Ident>,
}

impl Names<'_> {
    fn task_fn(&self, at: usize) -> Ident {
        let name = self.declaration.tasks[at].name.to_string();
        // Messages of the borrow checker name it.
        let span = self.callee(&self.declaration.tasks[at]).span();
        format_ident!("__task_{}", name.trim_start_matches("r#"), span = span)
    }

    fn slot(&self, what: What) -> Ident {
        match what {
            What::Task(at) => format_ident!("slot_of_task_{at}", span = Span::mixed_site()),
            What::Input(at) => format_ident!("slot_of_input_{at}", span = Span::mixed_site()),
        }
    }

    pub(super) fn callee(&self, task: &Task) -> Path {
        match &*task.call.func {
            Expr::Path(path) => path.path.clone(),
            _ => unreachable!("the parser takes calls of paths only"),
        }
    }

    /// What a task's value is.
    pub(super) fn type_of(&self, what: What) -> TokenStream {
        match what {
            What::Input(at) => self.declaration.inputs[at].ty.to_token_stream(),
            What::Task(at) => {
                let task = &self.declaration.tasks[at];
                let output = self.returned(task);
                match self.door_at(task) {
                    door if task.tried => {
                        quote_spanned!(self.callee(task).span()=> <#output as #door::TaskResult>::Ok)
                    }
                    _ => output,
                }
            }
        }
    }

    /// The tasks that are the output's members, so far as they are known.
    pub(super) fn members(&self) -> Vec<usize> {
        let Declaration { output, tasks, .. } = self.declaration;
        let task = |name: &Ident| tasks.iter().position(|task| plain(&task.name) == plain(name));
        output.names().iter().filter_map(task).collect()
    }

    /// What a run gives, if it is not written.
    pub(super) fn output_type(&self) -> TokenStream {
        let types = self.members().into_iter().map(|at| self.given_by(at));
        match self.declaration.output {
            Output::One(_) => quote!(#(#types)*),
            Output::Tuple(_) => quote_spanned!(self.output_span()=> (#(#types,)*)),
        }
    }

    /// Where what is wrong with a value's type is shown.
    fn span_of(&self, what: What) -> Span {
        match what {
            What::Input(at) => self.declaration.inputs[at].ty.span(),
            What::Task(at) => self.callee(&self.declaration.tasks[at]).span(),
        }
    }

    /// As what others read it: see [`Names::given_by`].
    fn read_as(&self, what: What) -> TokenStream {
        match what {
            What::Task(at) => self.given_by(at),
            input => self.type_of(input),
        }
    }

    /// What a task gives to who calls `run`, and to other tasks: as `type_of`, but known also of a `?` behind what is no `Result`, which is told where the task is, and not
    /// again of who reads it.
    fn given_by(&self, at: usize) -> TokenStream {
        let task = &self.declaration.tasks[at];
        if !task.tried {
            return self.type_of(What::Task(at));
        }
        let (callee, output, door) = (self.callee(task), self.returned(task), self.door_at(task));
        quote_spanned! {callee.span()=>
            <#output as #door::IfTried<{ <#callee as #door::Body>::FAILED.is_some() }>>::Ok
        }
    }

    /// Where what is wrong with the output is shown: at the function of its first member.
    pub(super) fn output_span(&self) -> Span {
        let tasks = &self.declaration.tasks;
        self.members().first().map_or(Span::call_site(), |&at| self.callee(&tasks[at]).span())
    }

    /// What a task's function returns; all of it at the callee's span, so that what is wrong with it is the same message wherever it is found,
    /// which the compiler shows once.
    fn returned(&self, task: &Task) -> TokenStream {
        let (callee, door) = (self.callee(task), self.door_at(task));
        quote_spanned!(callee.span()=> <#callee as #door::DelayedFn>::Output)
    }

    fn door_at(&self, task: &Task) -> TokenStream {
        crate::relocate(&self.door, self.callee(task).span())
    }
}

/// What runs the tasks: items, and the body of `run` with them in scope.
pub(super) struct Running {
    pub(super) items: TokenStream,
    pub(super) body: TokenStream,
}

pub(super) fn running(names: &Names<'_>, model: &Model, width: usize) -> Running {
    let (declaration, door, fixed) = (names.declaration, &names.door, &names.fixed);
    let own = |(task, uses): (&Task, &Vec<Use>)| in_function(task, &parameters(uses));
    let calls: Vec<ExprCall> = declaration.tasks.iter().zip(&model.uses).map(own).collect();
    let passed = Passed::of(names, model, &calls);
    let functions = calls.into_iter().enumerate();
    let functions = functions.map(|(at, call)| task_fn(names, model, at, call, &passed));
    let table = table(names, model, width);
    let at = Ident::new("at", Span::mixed_site());
    let (through, written) = output_fn(names, model);
    let in_order = in_order(names, model, &at, &through, &passed);
    let at_once = at_once(names, model, &through);
    let checks = declaration.inputs.iter().map(|input| {
        let ty = &input.ty;
        quote_spanned!(ty.span()=> #door::static_input::<#ty>();)
    });
    let items = quote! {
        #(#functions)*
        #written
        static __TW_TABLE: #door::Table = #table;
    };
    let body = quote! {
        #(#checks)*
        if !self.#fixed.at_once(&__TW_TABLE) {
            return self.#fixed.in_order(&__TW_TABLE, move |#at| #in_order);
        }
        #at_once
    };
    Running { items, body }
}

/// The name of the function that makes the output, and the function: what it is of is a tuple, or its type is written, which is checked in one place, with
/// the user's own names. Nothing, if it is a task's value.
fn output_fn(names: &Names<'_>, model: &Model) -> (TokenStream, TokenStream) {
    let declaration = names.declaration;
    let output = match &declaration.output {
        Output::Tuple(members) => quote!((#(#members,)*)),
        Output::One(_) if declaration.returns.is_none() => return Default::default(),
        Output::One(name) => name.to_token_stream(),
    };
    let returns = match &declaration.returns {
        Some(returns) => returns.to_token_stream(),
        None => names.output_type(),
    };
    let parameters = parameters(&model.output).into_iter().map(|one| {
        let (name, ty) = (one.name, names.read_as(one.what));
        quote!(#name: #ty)
    });
    (
        quote!(__tw_output),
        quote!(#[inline(always)] #[allow(non_snake_case, clippy::all, clippy::pedantic)] fn __tw_output(#(#parameters),*) -> #returns { #output }),
    )
}

/// What the order of a run says of the values.
struct Places {
    /// Of each task, the place in the order.
    of_tasks: Vec<usize>,
    /// The place of the last task that uses an input.
    last_readers: BTreeMap<usize, usize>,
    /// What need not be kept when tasks run one after the other: what is `Copy`, for that needs no drop, and what is taken by the very next
    /// task, or the output behind the last one.
    not_kept: BTreeSet<What>,
}

impl Places {
    fn of(model: &Model) -> Places {
        let mut of_tasks = vec![0; model.order.len()];
        model.order.iter().enumerate().for_each(|(place, &task)| of_tasks[task] = place);
        let mut last_readers = BTreeMap::new();
        let mut not_kept = BTreeSet::new();
        let uses = model.order.iter().map(|&task| &model.uses[task]).chain([&model.output]);
        for (place, uses) in uses.enumerate() {
            for one in uses {
                let next = match one.what {
                    What::Task(at) => of_tasks[at] + 1,
                    What::Input(at) => {
                        last_readers.insert(at, place);
                        0
                    }
                };
                if one.how == How::Copy || one.how == How::Take && place == next {
                    not_kept.insert(one.what);
                }
            }
        }
        Places { of_tasks, last_readers, not_kept }
    }

    /// The task that is told of, if a value panics when it is dropped: the one whose value it is, or an input's last reader.
    fn told_of(&self, what: What) -> u32 {
        let place = match what {
            What::Task(at) => self.of_tasks[at],
            What::Input(at) => self.last_readers.get(&at).copied().unwrap_or(0),
        };
        place as u32
    }
}

/// What is used of a name in one task: once, by value if any use is.
pub(super) fn parameters(uses: &[Use]) -> Vec<Use> {
    let mut parameters: Vec<Use> = Vec::new();
    for one in uses {
        match parameters.iter_mut().find(|known| known.what == one.what) {
            Some(known) if known.how == How::Lend => known.how = one.how,
            Some(_) => {}
            None => parameters.push(one.clone()),
        }
    }
    parameters
}

/// The function of a task.
fn task_fn(
    names: &Names<'_>,
    model: &Model,
    at: usize,
    mut call: ExprCall,
    passed: &Passed,
) -> TokenStream {
    let task = &names.declaration.tasks[at];
    let parameters = parameters(&model.uses[at]);
    let declared = parameters.iter().map(|one| {
        let (name, ty) = (&one.name, names.read_as(one.what));
        let lent = (one.how == How::Lend).then(|| quote_spanned!(names.span_of(one.what)=> &));
        quote!(#name: #lent #ty)
    });
    for (place, argument) in call.args.iter_mut().enumerate() {
        if let Some(asked) = passed.argument(names, at, place, argument) {
            *argument = Expr::Verbatim(asked);
        }
    }
    let lints = &task.attributes;
    let (name, output) = (names.task_fn(at), names.type_of(What::Task(at)));
    let asked = passed.checked_here(names, at);
    let (result, body) = match task.tried {
        false => (output, quote!(#call)),
        true => {
            let (returned, span) = (names.returned(task), names.callee(task).span());
            let door = names.door_at(task);
            let result =
                quote_spanned!(span=> <#returned as #door::TaskResult>::into_result(#call));
            let tried = quote_spanned!(span=> #door::tried(#result));
            (quote_spanned!(span=> ::core::result::Result<#output, #door::BoxError>), tried)
        }
    };
    quote! {
        #[inline(always)]
        #[allow(unused_parens, non_snake_case, clippy::all, clippy::pedantic)]
        #(#lints)*
        fn #name(#(#declared),*) -> #result { #asked #body }
    }
}

/// The tasks in the order of a run: names, where they are called, and whom they come after.
fn table(names: &Names<'_>, model: &Model, width: usize) -> TokenStream {
    let door = &names.door;
    let places = Places::of(model);
    let tasks = model.order.iter().map(|&at| {
        let task = &names.declaration.tasks[at];
        let callee = names.callee(task);
        let after = model.ordered_after[at].iter().map(|&other| places.of_tasks[other] as u32);
        let here = quote_spanned!(task.call.func.span()=> ::core::panic::Location::caller());
        quote! {
            #door::StaticTask {
                name: <#callee as #door::TaskFn>::NAME,
                location: #here,
                after: &[#(#after),*],
            }
        }
    });
    let output = model.output_after.iter().map(|&other| places.of_tasks[other] as u32);
    quote!(#door::Table { tasks: &[#(#tasks),*], output: &[#(#output),*], width: #width })
}

/// The call of a task's function. It stands where a message about its types belongs: at what may have no type, the task of a `?`.
fn generated_call(
    names: &Names<'_>,
    model: &Model,
    at: usize,
    arguments: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    let tasks = &names.declaration.tasks;
    let tried = model.uses[at].iter().find_map(|one| match one.what {
        What::Task(other) if tasks[other].tried => Some(other),
        _ => None,
    });
    let span = names.callee(&tasks[tried.filter(|_| !tasks[at].tried).unwrap_or(at)]).span();
    let mut function = names.task_fn(at);
    function.set_span(span);
    quote_spanned!(span=> #function(#(#arguments),*))
}

/// The tasks one after the other.
fn in_order(
    names: &Names<'_>,
    model: &Model,
    at_cell: &Ident,
    through: &TokenStream,
    passed: &Passed,
) -> TokenStream {
    let places = Places::of(model);
    let kept = |what| !places.not_kept.contains(&what);
    let inputs =
        names.declaration.inputs.iter().enumerate().filter(|(at, _)| kept(What::Input(*at)));
    let inputs = inputs.map(|(at, input)| {
        let (name, number) = (&input.name, places.told_of(What::Input(at)));
        quote!(#at_cell.set(#number); let #name = #at_cell.keep(#name);)
    });
    let local = |one: Use| {
        let name = &one.name;
        match one.how {
            How::Lend => quote!(&#name),
            How::Take if kept(one.what) => quote!(#name.take()),
            _ => quote!(#name),
        }
    };
    let steps = model.order.iter().enumerate().map(|(number, &at)| {
        let task = &names.declaration.tasks[at];
        let (name, number) = (&task.name, number as u32);
        let arguments = parameters(&model.uses[at]).into_iter().map(local);
        let question = task.tried.then(|| quote!(?));
        let call = passed.checked(names, at, generated_call(names, model, at, arguments));
        match kept(What::Task(at)) {
            true => quote!(#at_cell.set(#number); let #name = #at_cell.keep(#call #question);),
            false => quote!(#at_cell.set(#number); let #name = #call #question;),
        }
    });
    let output = made_output(names, through, parameters(&model.output).into_iter().map(local));
    quote!({ #(#inputs)* #(#steps)* ::core::result::Result::Ok(#output) })
}

/// The output, through [`output_fn`], if there is one, with the span of what may have no type.
fn made_output(
    names: &Names<'_>,
    through: &TokenStream,
    members: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    if through.is_empty() {
        return quote!(#(#members)*);
    }
    let span = names.output_span();
    let through = crate::shown_at(through, span);
    quote_spanned!(span=> #through(#(#members),*))
}

/// The tasks by number, each value in a slot.
fn at_once(names: &Names<'_>, model: &Model, through: &TokenStream) -> TokenStream {
    let (door, fixed) = (&names.door, &names.fixed);
    let places = Places::of(model);
    let [dropped, outcome, ran, number] =
        ["dropped", "outcome", "ran", "task"].map(|name| Ident::new(name, Span::mixed_site()));
    let input_slots = names.declaration.inputs.iter().enumerate().map(|(at, input)| {
        let (slot, name) = (names.slot(What::Input(at)), &input.name);
        let number = places.told_of(What::Input(at));
        quote!(let #slot = #door::Slot::full(&#dropped, #number, #name);)
    });
    let task_slots = (0..names.declaration.tasks.len()).map(|at| {
        let (slot, ty) = (names.slot(What::Task(at)), names.type_of(What::Task(at)));
        let task = &names.declaration.tasks[at];
        let (span, door) = (names.callee(task).span(), names.door_at(task));
        let number = places.told_of(What::Task(at));
        let empty = quote_spanned!(span=> <#door::Probe<#ty>>::slot(&#dropped, #number));
        quote!(let #slot = #empty;)
    });
    let from_slot = |one: Use| {
        let (slot, ty) = (names.slot(one.what), names.type_of(one.what));
        match one.how {
            How::Lend => quote!(&*#slot.lend()),
            How::Take | How::Part => quote!(#slot.take()),
            How::Copy => {
                let span = names.span_of(one.what);
                let door = crate::relocate(door, span);
                quote_spanned!(span=> #slot.copy(<#door::Probe<#ty>>::CLONER))
            }
        }
    };
    let arms = model.order.iter().enumerate().map(|(number, &at)| {
        let number = number as u32;
        let own = names.slot(What::Task(at));
        let arguments = parameters(&model.uses[at]).into_iter().map(from_slot);
        let question = names.declaration.tasks[at].tried.then(|| quote!(?));
        let call = generated_call(names, model, at, arguments);
        quote!(#number => #own.put(#call #question),)
    });
    let output = made_output(names, through, parameters(&model.output).into_iter().map(from_slot));
    quote! {
        #[allow(unused_imports)]
        use #door::{NotClone as _, NotShared as _};
        let #dropped = #door::Dropped::new();
        let #outcome = {
            #(#input_slots)*
            #(#task_slots)*
            let #ran = self.#fixed.all_at_once(&__TW_TABLE, &|#number| {
                match #number {
                    #(#arms)*
                    _ => {}
                }
                ::core::result::Result::Ok(())
            });
            ::core::result::Result::map(#ran, |()| #output)
        };
        #dropped.outcome(&__TW_TABLE, #outcome)
    }
}
