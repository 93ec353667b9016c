//! The expansion of `static_graph!`.
//!
//! ```text
//! mod __Pipe_8_4 { pub struct Pipe { pub(super) fixed: Fixed } }      what follows is implemented for that, whoever else is called Pipe
//! pub use __Pipe_8_4::Pipe;
//! const _: () = { use plain_call as __tw_0; { use join as __tw_0; __tw_0!(@gate … { if all are delayed: }
//!     fn __task_out(l: Out1, r: &Out2) -> Out0 { join(l, r) }  …        one for each task: the only place where the call stands
//!     static __TW_TABLE: Table = …;                                        names, lines, who comes after whom, in the order of a run
//!     impl Pipe {
//!         pub const TASKS: usize = 4; …
//!         pub const fn new() -> Pipe { … }
//!         pub fn run(&mut self, x: f64) -> Result<Out0, Error> {
//!             if !self.fixed.at_once(&__TW_TABLE) {                        one after the other: locals, no allocation
//!                 return self.fixed.in_order(&__TW_TABLE, move |at| { at.set(0); let s = __task_s(x); …; Ok(out) });
//!             }
//!             let slots = …;                                          on the scheduler: a slot for each value, a task by its number
//!             self.fixed.all_at_once(&__TW_TABLE, &|task| match task { 0 => slot_3.put(__task_s(slot_x.take())), … })?;
//!             Ok(slot_0.take()) } } ) } };
//! ```

use super::check::{How, Model, Use, What};
use super::facts::Facts;
use super::parse::{Declaration, Task};
use crate::apart;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Error, Expr, Path};

/// The declaration has mistakes: they, and a struct that gives no others.
pub(super) fn broken(declaration: &Declaration, error: Error) -> TokenStream {
    let (vis, name, error) = (&declaration.vis, &declaration.name, error.to_compile_error());
    let result = quote!(::core::result::Result<__T, ::std::string::String>);
    // Inside the constant, so that the compiler does not evaluate what is asserted of it.
    let stand_in = stand_in(declaration, &quote!(#name), &result, &quote!({ #error 0 }));
    quote!(#[allow(dead_code)] #vis struct #name {} #stand_in)
}

/// The methods, with nothing in them.
fn stand_in(
    declaration: &Declaration,
    own: &TokenStream,
    result: &TokenStream,
    number: &TokenStream,
) -> TokenStream {
    let vis = &declaration.vis;
    let mut named = std::collections::HashSet::new();
    let inputs: Vec<TokenStream> = declaration
        .inputs
        .iter()
        .filter(|input| named.insert(input.name.to_string()))
        .map(one_input)
        .collect();
    quote! {
        #[allow(dead_code, unused_variables, unused_qualifications, missing_docs, clippy::all, clippy::pedantic)]
        impl #own {
            #vis const TASKS: usize = #number;
            #vis const EDGES: usize = Self::TASKS;
            #vis const CRITICAL_PATH: usize = Self::TASKS;
            #vis const WIDTH: usize = Self::TASKS;
            #vis const LEVEL_WIDTH: usize = Self::TASKS;
            #vis const DOT: &'static str = "";
            #vis const fn new() -> Self { loop {} }
            #vis fn run<__T>(&mut self, #(#inputs),*) -> #result { loop {} }
        }
    }
}

fn inputs(declaration: &Declaration) -> Vec<TokenStream> {
    declaration.inputs.iter().map(one_input).collect()
}

fn one_input(input: &super::parse::Input) -> TokenStream {
    let (name, ty) = (&input.name, &input.ty);
    quote!(#name: #ty)
}

struct Names<'a> {
    declaration: &'a Declaration,
    door: TokenStream,
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

    fn callee(&self, task: &Task) -> Path {
        match &*task.call.func {
            Expr::Path(path) => path.path.clone(),
            _ => unreachable!("the parser takes calls of paths only"),
        }
    }

    /// What a task's value is.
    fn type_of(&self, what: What) -> TokenStream {
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

pub(super) fn expand(krate: &TokenStream, declaration: &Declaration, model: &Model) -> TokenStream {
    let door = quote!(#krate::__private);
    let callees = callees(declaration);
    let names = Names { declaration, door: door.clone() };
    let (attributes, vis, name) = (&declaration.attributes, &declaration.vis, &declaration.name);
    let module = stands_apart(attributes).then(|| apart::module_name(name));
    let own = match &module {
        Some(module) => quote!(#module::#name),
        None => quote!(#name),
    };
    let fixed = Ident::new("fixed", Span::mixed_site());
    let good = good(krate, &names, model, &own, &fixed);
    let result = quote!(::core::result::Result<__T, #krate::Error>);
    let bad = stand_in(declaration, &own, &result, &quote!(0));
    let fallbacks = callees.iter().map(|(_, alias)| {
        quote!(#[allow(unused_imports, clippy::all, clippy::pedantic)] use #door::plain_call as #alias;)
    });
    let lookups = callees.iter().map(|(path, alias)| {
        quote!(#[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)] use #path as #alias;)
    });
    let asked: Vec<TokenStream> = callees.iter().map(|(_, alias)| quote!({#alias})).collect();
    let gate = match callees.first() {
        Some((path, alias)) => {
            let (first, rest) = (&asked[0], &asked[1..]);
            let tokens = quote!(@gate #first [#(#rest)*] {#good} {#bad});
            let gate = crate::graph::call_macro(alias, path.span(), tokens);
            // An expression: a statement might bring names into the block in which `alias` is looked up.
            quote!(let () = #gate;)
        }
        None => good,
    };
    let cfgs: Vec<_> =
        attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    let declared = if let Some(module) = module {
        let seen = apart::from_within(vis);
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(non_snake_case)]
            mod #module {
                #(#attributes)*
                #[allow(unreachable_pub)]
                #seen struct #name { pub(super) #fixed: #door::Fixed }
            }
            #(#cfgs)*
            #[doc(inline)]
            #[allow(unused_imports)]
            #vis use #module::#name;
        }
    } else {
        quote!(#(#attributes)* #vis struct #name { #fixed: #door::Fixed })
    };
    quote! {
        #declared
        #(#cfgs)*
        #[allow(non_local_definitions)]
        const _: () = { #(#fallbacks)* { #(#lookups)* #gate } };
    }
}

/// Whether the struct may stand in a module of its own: what these attributes say does not depend on where it stands.
fn stands_apart(attributes: &[Attribute]) -> bool {
    attributes.iter().all(|attribute| {
        let known =
            ["doc", "cfg", "allow", "expect", "warn", "deny", "forbid", "must_use", "deprecated"];
        known.iter().any(|name| attribute.path().is_ident(name))
    })
}

/// The distinct callees, each with an alias.
fn callees(declaration: &Declaration) -> Vec<(Path, Ident)> {
    let mut callees: Vec<(Path, Ident)> = Vec::new();
    for task in &declaration.tasks {
        let Expr::Path(path) = &*task.call.func else { continue };
        let key = path.path.to_token_stream().to_string();
        if !callees.iter().any(|(path, _)| path.to_token_stream().to_string() == key) {
            let span = Span::mixed_site().located_at(path.span());
            let alias = Ident::new(&format!("__tw_static_{}", callees.len()), span);
            callees.push((path.path.clone(), alias));
        }
    }
    callees
}

fn good(
    krate: &TokenStream,
    names: &Names<'_>,
    model: &Model,
    own: &TokenStream,
    fixed: &Ident,
) -> TokenStream {
    let (declaration, door) = (names.declaration, &names.door);
    let vis = &declaration.vis;
    let functions = (0..declaration.tasks.len()).map(|at| task_fn(names, model, at));
    let table = table(names, model);
    let facts = Facts::of(declaration, model);
    let Facts { critical_path, width, level_width, dot } = &facts;
    let (tasks, edges) = (declaration.tasks.len(), model.edges);
    let inputs = inputs(declaration);
    let output = names.type_of(What::Task(model.output));
    let at = Ident::new("at", Span::mixed_site());
    // A type that is written is checked in one place, with the user's own names.
    let (through, written) = match &declaration.returns {
        Some(returns) => {
            let name = &declaration.output;
            let through = quote!(fn __tw_output(#name: #output) -> #returns { #name });
            (quote!(__tw_output), through)
        }
        None => Default::default(),
    };
    let in_order = in_order(names, model, &at, &through);
    let at_once = at_once(names, model, fixed, &through);
    let checks = declaration.inputs.iter().map(|input| {
        let ty = &input.ty;
        quote_spanned!(ty.span()=> #door::static_input::<#ty>();)
    });
    let summary = format!(
        "Runs the graph: {tasks} tasks, {critical_path} on the longest path, at most {width} at once."
    );
    let body = quote! {
        #(#checks)*
        if !self.#fixed.at_once(&__TW_TABLE) {
            return self.#fixed.in_order(&__TW_TABLE, move |#at| #in_order);
        }
        #at_once
    };
    let docs = quote! {
        #[doc = #summary]
        ///
        /// One task after the other, without allocating; on the threads of the current scheduler, if earlier runs were long
        /// enough for that to pay.
        ///
        /// # Errors
        /// If a task panics, or returns an `Err` that the graph takes with `?`: that of the task that comes first in the
        /// depth-first order from the output.
    };
    let private = matches!(vis, syn::Visibility::Inherited);
    let (run, behind) = match &declaration.returns {
        Some(output) => (
            quote!(#docs #vis fn run(&mut self, #(#inputs),*) -> ::core::result::Result<#output, #krate::Error> { #body }),
            quote!(),
        ),
        None if private => (
            quote!(#docs #vis fn run(&mut self, #(#inputs),*) -> ::core::result::Result<#output, #krate::Error> { #body }),
            quote!(),
        ),
        // The output's type is known through a function that may be private, and must not be named here. The trait has one impl, so the
        // compiler finds it.
        None => {
            let passed = declaration.inputs.iter().map(|input| &input.name);
            let span = names.callee(&declaration.tasks[model.output]).span();
            // What is wrong with the output's type is shown there, each time in the same words, which the compiler prints once.
            let signature = quote!(run(&mut self, #(#inputs),*));
            let gives = quote_spanned! {span=>
                #[allow(private_interfaces, private_bounds, unused_qualifications, clippy::all, clippy::pedantic)]
                impl __TwGives<#output> for #own {
                    #[inline]
                    fn #signature -> ::core::result::Result<#output, #krate::Error> { #body }
                }
            };
            (
                quote! {
                    #docs
                    #[inline]
                    #vis fn run<__TwOutput>(&mut self, #(#inputs),*) -> ::core::result::Result<__TwOutput, #krate::Error>
                    where Self: __TwGives<__TwOutput>
                    { <Self as __TwGives<__TwOutput>>::run(self, #(#passed),*) }
                },
                quote! {
                    /// What a run gives.
                    #[doc(hidden)]
                    #[allow(unreachable_pub)]
                    pub trait __TwGives<__TwOutput> {
                        /// Runs it.
                        fn run(&mut self, #(#inputs),*) -> ::core::result::Result<__TwOutput, #krate::Error>;
                    }
                    #gives
                },
            )
        }
    };
    quote! {
        #(#functions)*
        #written
        static __TW_TABLE: #door::Table = #table;
        #[allow(unused_qualifications, clippy::all, clippy::pedantic)]
        impl #own {
            /// How many tasks the graph has.
            #vis const TASKS: usize = #tasks;
            /// How many times a task reads another's output.
            #vis const EDGES: usize = #edges;
            /// Tasks on the longest path.
            #vis const CRITICAL_PATH: usize = #critical_path;
            /// The most tasks of which none waits for another: more threads than this have nothing to do.
            #vis const WIDTH: usize = #width;
            /// Tasks on the widest level, where a task's level is the longest path to it.
            #vis const LEVEL_WIDTH: usize = #level_width;
            /// The graph in Graphviz' DOT.
            #vis const DOT: &'static str = #dot;

            /// The graph, ready to run.
            #[must_use]
            #vis const fn new() -> Self {
                #own { #fixed: #door::Fixed::new() }
            }

            #run
        }
        #behind
        #[allow(unused_qualifications)]
        impl ::core::default::Default for #own {
            fn default() -> Self { Self::new() }
        }
    }
}

/// What is used of a name in one task: once, by value if any use is.
fn parameters(uses: &[Use]) -> Vec<Use> {
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

/// Where a parameter is the borrow itself, `&name` is `name`.
struct Borrowed<'a>(&'a [Use]);

impl VisitMut for Borrowed<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Reference(reference) = expr
            && let Expr::Path(path) = &*reference.expr
            && path.path.get_ident().is_some_and(|name| {
                self.0.iter().any(|one| one.name == *name && one.how == How::Lend)
            })
        {
            *expr = (*reference.expr).clone();
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

/// The function of a task.
fn task_fn(names: &Names<'_>, model: &Model, at: usize) -> TokenStream {
    let task = &names.declaration.tasks[at];
    let parameters = parameters(&model.uses[at]);
    let declared = parameters.iter().map(|one| {
        let (name, ty) = (&one.name, names.type_of(one.what));
        if one.how == How::Lend { quote!(#name: &#ty) } else { quote!(#name: #ty) }
    });
    let mut call = task.call.clone();
    call.args.iter_mut().for_each(|argument| Borrowed(&parameters).visit_expr_mut(argument));
    let (name, output) = (names.task_fn(at), names.type_of(What::Task(at)));
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
        #[allow(unused_parens, clippy::all, clippy::pedantic)]
        fn #name(#(#declared),*) -> #result { #body }
    }
}

/// The tasks in the order of a run: names, where they are called, and whom they come after.
fn table(names: &Names<'_>, model: &Model) -> TokenStream {
    let door = &names.door;
    let mut place = vec![0_u32; model.order.len()];
    for (at, &task) in model.order.iter().enumerate() {
        place[task] = at as u32;
    }
    let tasks = model.order.iter().map(|&at| {
        let task = &names.declaration.tasks[at];
        let callee = names.callee(task);
        let after = model.ordered_after[at].iter().map(|&other| place[other]);
        let here = quote_spanned!(task.call.func.span()=> ::core::panic::Location::caller());
        quote! {
            #door::StaticTask {
                name: <#callee as #door::TaskFn>::NAME,
                location: #here,
                after: &[#(#after),*],
            }
        }
    });
    let width = Facts::of(names.declaration, model).width;
    quote!(#door::Table { tasks: &[#(#tasks),*], width: #width })
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
) -> TokenStream {
    let steps = model.order.iter().enumerate().map(|(number, &at)| {
        let task = &names.declaration.tasks[at];
        let (name, number) = (&task.name, number as u32);
        let arguments = parameters(&model.uses[at]).into_iter().map(|one| {
            let name = one.name;
            if one.how == How::Lend { quote!(&#name) } else { quote!(#name) }
        });
        let question = task.tried.then(|| quote!(?));
        let call = generated_call(names, model, at, arguments);
        quote!(#at_cell.set(#number); let #name = #call #question;)
    });
    let output = &names.declaration.tasks[model.output].name;
    let output = checked_output(names, model, through, &quote!(#output));
    quote!({ #(#steps)* ::core::result::Result::Ok(#output) })
}

/// The output, through the function that checks a type that is written, with the span of what may have no type.
fn checked_output(
    names: &Names<'_>,
    model: &Model,
    through: &TokenStream,
    output: &TokenStream,
) -> TokenStream {
    let span = names.callee(&names.declaration.tasks[model.output]).span();
    if through.is_empty() {
        return output.clone();
    }
    let through = crate::shown_at(through, span);
    quote_spanned!(span=> #through(#output))
}

/// The tasks by number, each value in a slot.
fn at_once(names: &Names<'_>, model: &Model, fixed: &Ident, through: &TokenStream) -> TokenStream {
    let door = &names.door;
    let input_slots = names.declaration.inputs.iter().enumerate().map(|(at, input)| {
        let (slot, name) = (names.slot(What::Input(at)), &input.name);
        quote!(let #slot = #door::Slot::full(#name);)
    });
    let task_slots = (0..names.declaration.tasks.len()).map(|at| {
        let (slot, ty) = (names.slot(What::Task(at)), names.type_of(What::Task(at)));
        let task = &names.declaration.tasks[at];
        let (span, door) = (names.callee(task).span(), names.door_at(task));
        let empty = quote_spanned!(span=> <#door::Probe<#ty>>::slot());
        quote!(let #slot = #empty;)
    });
    let arms = model.order.iter().enumerate().map(|(number, &at)| {
        let number = number as u32;
        let own = names.slot(What::Task(at));
        let arguments = parameters(&model.uses[at]).into_iter().map(|one| {
            let (slot, ty) = (names.slot(one.what), names.type_of(one.what));
            match one.how {
                How::Lend => quote!(&*#slot.lend()),
                How::Take | How::Part => quote!(#slot.take()),
                How::Copy => quote!(#slot.copy(<#door::Probe<#ty>>::CLONER)),
            }
        });
        let question = names.declaration.tasks[at].tried.then(|| quote!(?));
        let call = generated_call(names, model, at, arguments);
        quote!(#number => #own.put(#call #question),)
    });
    let output = names.slot(What::Task(model.output));
    let output = checked_output(names, model, through, &quote!(#output.take()));
    let number = Ident::new("task", Span::mixed_site());
    quote! {
        #[allow(unused_imports)]
        use #door::{NotClone as _, NotShared as _};
        #(#input_slots)*
        #(#task_slots)*
        self.#fixed.all_at_once(&__TW_TABLE, &|#number| {
            match #number {
                #(#arms)*
                _ => {}
            }
            ::core::result::Result::Ok(())
        })?;
        ::core::result::Result::Ok(#output)
    }
}
