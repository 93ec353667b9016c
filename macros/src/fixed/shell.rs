//! The expansion of `static_graph!`: the struct with its facts, and `run` for each case.
//!
//! ```text
//! mod __Pipe_8_4 { pub struct Pipe { pub(super) fixed: Fixed } }      what follows is implemented for that, whoever else is called Pipe
//! pub use __Pipe_8_4::Pipe;
//! const _: () = { use plain_call as __tw_0; { use join as __tw_0;
//!     impl Pipe { pub const TASKS: usize = 4; … pub const fn new() -> Pipe { … } }
//!     __tw_0!(@gate … { if those of the output are delayed:
//!         __tw_1!(@gate … { and so on, each inside the one before; then impl Pipe { pub fn run(&mut self, x: f64) -> Result<Out0, Error> { … } } }
//!                         { else: a `run` of that type with nothing in it })
//!     } { else: one that returns what is not known, a type that is wrong }) } };
//! ```
//! So whatever is wrong, the struct and what it has are there, with the types that they would have, and give no further messages.

use super::check::{Model, plain};
use super::expand::{Names, Running, running};
use super::facts::Facts;
use super::parse::{Declaration, Input};
use crate::apart;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::{HashMap, HashSet};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Path, Type, Visibility};

pub(super) fn expand(
    krate: &TokenStream,
    declaration: &Declaration,
    checked: Result<Model, Error>,
) -> TokenStream {
    let (attributes, name) = (&declaration.attributes, &declaration.name);
    let module = stands_apart(attributes).then(|| apart::module_name(name));
    let own = match &module {
        Some(module) => quote!(#module::#name),
        None => quote!(#name),
    };
    let fixed = Ident::new("fixed", Span::mixed_site());
    let mut names =
        Names { declaration, door: quote!(#krate::__private), fixed, macros: HashMap::new() };
    let failed = Ident::new("failed", Span::mixed_site());
    let not_known = match &checked {
        // The macro that says that the output's function cannot be a task declares it.
        Ok(_) => quote!(__TwNotKnown),
        // What a macro that failed may have declared is silent where it is used, whatever for.
        Err(_) => quote!(#failed::Output),
    };
    let (callees, of_output) = callees(&names);
    names.macros = callees
        .iter()
        .map(|(path, alias)| (path.to_token_stream().to_string(), alias.clone()))
        .collect();
    let shell = Shell { krate, names: &names, own: &own, not_known, of_output };
    let (facts, gate) = match &checked {
        Ok(model) => {
            let facts = Facts::of(declaration, model);
            (shell.facts(model, &facts), shell.run_if_delayed(&callees, model, &facts))
        }
        Err(error) => {
            let error = error.to_compile_error();
            let run = shell.run_of_a_mistake(&callees);
            (shell.no_facts(), quote!(mod #failed { #error } #run))
        }
    };
    let door = &names.door;
    let fallbacks = callees.iter().map(|(_, alias)| {
        quote!(#[allow(unused_imports, clippy::all, clippy::pedantic)] use #door::plain_call as #alias;)
    });
    let lookups = callees.iter().map(|(path, alias)| {
        quote!(#[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)] use #path as #alias;)
    });
    let cfgs: Vec<_> = attributes.iter().filter(|one| one.path().is_ident("cfg")).collect();
    let declared = shell.declared(module.as_ref(), &cfgs);
    quote! {
        #declared
        #(#cfgs)*
        #[allow(non_local_definitions)]
        const _: () = { #(#fallbacks)* { #(#lookups)* #facts #gate } };
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

/// The distinct callees, each with an alias; those of the output's members first, so far as they are known, and how many those are.
fn callees(names: &Names<'_>) -> (Vec<(Path, Ident)>, usize) {
    let (tasks, members) = (&names.declaration.tasks, names.members());
    let (mut callees, mut seen, mut of_output) = (Vec::new(), HashSet::new(), 0);
    let all = members.iter().map(|&at| &tasks[at]).chain(tasks);
    for (place, task) in all.enumerate() {
        let path = names.callee(task);
        if seen.insert(path.to_token_stream().to_string()) {
            let span = Span::mixed_site().located_at(path.span());
            let alias = Ident::new(&format!("__tw_static_{}", callees.len()), span);
            callees.push((path, alias));
            of_output += usize::from(place < members.len());
        }
    }
    (callees, of_output)
}

/// The inputs, each with a name of its own: of two with one name there has been a message, and both are arguments of a run.
fn told_apart(inputs: &[Input]) -> Vec<(Ident, &Type)> {
    let mut named = HashSet::new();
    let name = |(at, input): (usize, &Input)| match named.insert(plain(&input.name)) {
        true => input.name.clone(),
        false => format_ident!("input_{at}", span = input.name.span()),
    };
    let names: Vec<Ident> = inputs.iter().enumerate().map(name).collect();
    names.into_iter().zip(inputs.iter().map(|input| &input.ty)).collect()
}

/// Calls of the callees' macros, each inside the one before, so that its message stands where it is called: `good` if all are delayed functions.
/// Expressions: a statement might bring names into the block in which the aliases are looked up.
fn gate(callees: &[(Path, Ident)], good: &TokenStream, bad: &TokenStream) -> TokenStream {
    callees.iter().rev().fold(good.clone(), |inside, (path, alias)| {
        let tokens = quote!(@gate {#alias} {#inside} {#bad});
        let gate = crate::graph::call_macro(alias, path.span(), tokens);
        quote!(let () = #gate;)
    })
}

struct Shell<'a> {
    krate: &'a TokenStream,
    names: &'a Names<'a>,
    /// The struct's path.
    own: &'a TokenStream,
    /// What a run gives, where that is not known, a type that is wrong; of a graph with mistakes also what its facts are.
    not_known: TokenStream,
    /// How many of the callees, the first ones, say what the output is.
    of_output: usize,
}

impl Shell<'_> {
    fn declared(&self, module: Option<&Ident>, cfgs: &[&Attribute]) -> TokenStream {
        let Declaration { attributes, vis, name, .. } = self.names.declaration;
        let (fixed, door) = (&self.names.fixed, &self.names.door);
        let Some(module) = module else {
            return quote!(#(#attributes)* #vis struct #name { #fixed: #door::Fixed });
        };
        let seen = apart::from_within(vis);
        // Its docs stand where their links are looked up as those of the struct would be.
        let (docs, others): (Vec<_>, Vec<_>) =
            attributes.iter().partition(|one| one.path().is_ident("doc"));
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(non_snake_case)]
            mod #module {
                #(#others)*
                #[allow(unreachable_pub)]
                #seen struct #name { pub(super) #fixed: #door::Fixed }
            }
            #(#cfgs)*
            #(#docs)*
            #[doc(inline)]
            #[allow(unused_imports, deprecated)]
            #vis use #module::#name;
        }
    }

    fn facts(&self, model: &Model, facts: &Facts) -> TokenStream {
        let Facts { critical_path, width, level_width, dot } = facts;
        let (tasks, edges) = (self.names.declaration.tasks.len(), model.edges);
        self.all_facts([
            quote!(#tasks),
            quote!(#edges),
            quote!(#critical_path),
            quote!(#width),
            quote!(#level_width),
            quote!(#dot),
        ])
    }

    fn no_facts(&self) -> TokenStream {
        let unknown = || self.not_known.clone();
        self.all_facts([unknown(), unknown(), unknown(), unknown(), unknown(), unknown()])
    }

    /// All that does not depend on what the tasks are.
    fn all_facts(&self, facts: [TokenStream; 6]) -> TokenStream {
        let (vis, own) = (&self.names.declaration.vis, self.own);
        let (fixed, door) = (&self.names.fixed, &self.names.door);
        let [tasks, edges, critical_path, width, level_width, dot] = facts;
        quote! {
            #[allow(dead_code, deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
            impl #own {
                /// How many tasks the graph has.
                #vis const TASKS: usize = #tasks;
                /// How many times a task reads another's output.
                #vis const EDGES: usize = #edges;
                /// Tasks on the longest path, in the order of a run: who takes a value comes after those who borrow it.
                #vis const CRITICAL_PATH: usize = #critical_path;
                /// `CRITICAL_PATH`, as a graph's `Display` and `assert_graph!` call it.
                #vis const DEPTH: usize = Self::CRITICAL_PATH;
                /// The most tasks of which none waits for another, as `CRITICAL_PATH` has it: more threads than this have nothing to do.
                #vis const WIDTH: usize = #width;
                /// Tasks on the widest level, where a task's level is the longest path to it.
                #vis const LEVEL_WIDTH: usize = #level_width;
                /// The graph in Graphviz' DOT; dashed is who takes a value after those who borrow it.
                #vis const DOT: &'static str = #dot;
            }
            #[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
            impl #own {
                /// The graph, ready to run.
                #[must_use]
                #vis const fn new() -> Self {
                    #own { #fixed: #door::Fixed::new() }
                }
            }
            #[allow(deprecated, unused_qualifications)]
            impl ::core::default::Default for #own {
                fn default() -> Self { Self::new() }
            }
        }
    }

    /// `run`, as far as all callees are delayed.
    fn run_if_delayed(
        &self,
        callees: &[(Path, Ident)],
        model: &Model,
        facts: &Facts,
    ) -> TokenStream {
        let Running { items, body } = running(self.names, model, facts.width);
        let docs = docs(self.names.declaration.tasks.len(), facts);
        let run = self.run(true, &docs, &body);
        let good = quote!(#items #run);
        let (first, rest) = callees.split_at(self.of_output);
        let inside = gate(rest, &good, &self.stand_in(true));
        gate(first, &inside, &self.stand_in(false))
    }

    /// `run` of a graph with mistakes: nothing runs, but its type may be known.
    fn run_of_a_mistake(&self, callees: &[(Path, Ident)]) -> TokenStream {
        let Declaration { output, returns, .. } = self.names.declaration;
        let known = self.names.members().len();
        if returns.is_none() && known > 0 && known == output.names().len() {
            let of_output = &callees[..self.of_output];
            gate(of_output, &self.stand_in(true), &self.stand_in(false))
        } else {
            self.stand_in(false)
        }
    }

    fn stand_in(&self, known: bool) -> TokenStream {
        let fixed = &self.names.fixed;
        let allowed = quote!(#[allow(dead_code, unused_variables, missing_docs)]);
        self.run(known, &allowed, &quote!({ let _ = &self.#fixed; loop {} }))
    }

    /// `run` that returns what the output's tasks give; or what is not known, if they are not `known` and the type is not written.
    fn run(&self, known: bool, docs: &TokenStream, body: &TokenStream) -> TokenStream {
        let (declaration, own, krate) = (self.names.declaration, self.own, self.krate);
        let vis = &declaration.vis;
        let inputs = told_apart(&declaration.inputs);
        let passed = inputs.iter().map(|(name, _)| name).collect::<Vec<_>>();
        let declared = inputs.iter().map(|(name, ty)| quote!(#name: #ty)).collect::<Vec<_>>();
        // What is wrong with the output's type is shown there, each time in the same words, which the compiler prints once.
        let signature = quote!(run(&mut self, #(#declared),*));
        let scheduler = Ident::new("scheduler", Span::mixed_site());
        let run_on_parameters = quote!(&mut self, #scheduler: &(impl #krate::Scheduler + ?::core::marker::Sized), #(#declared),*);
        let run_on = quote!(#krate::with_scheduler(#scheduler, move || self.run(#(#passed),*))?);
        let run_on_docs = quote! {
            #[allow(dead_code)]
            /// `run` with a scheduler of the caller's choice for the current one.
            ///
            /// # Errors
            /// As `run`; and if the scheduler is none, as `with_scheduler`.
        };
        let allowed =
            quote!(#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]);
        let is_private = matches!(vis, Visibility::Inherited);
        if !known || declaration.returns.is_some() || is_private {
            let output = match &declaration.returns {
                Some(output) => output.to_token_stream(),
                None if known => self.names.output_type(),
                None => self.not_known.clone(),
            };
            return quote! {
                #allowed
                impl #own {
                    #docs #vis fn #signature -> ::core::result::Result<#output, #krate::Error> { #body }
                    #run_on_docs #vis fn run_on(#run_on_parameters) -> ::core::result::Result<#output, #krate::Error> { #run_on }
                }
            };
        }
        // The output's type is known through a function that may be private, and must not be named here. The trait has one impl, so the
        // compiler finds it.
        let (span, output) = (self.names.output_span(), self.names.output_type());
        let gives = quote_spanned! {span=>
            #[allow(private_interfaces, private_bounds, deprecated, unused_qualifications, unused_variables, clippy::all, clippy::pedantic)]
            impl __TwGives<#output> for #own {
                #[inline]
                fn #signature -> ::core::result::Result<#output, #krate::Error> { #body }
            }
        };
        quote! {
            #allowed
            impl #own {
                #docs
                #[inline]
                #vis fn run<__TwOutput>(&mut self, #(#declared),*) -> ::core::result::Result<__TwOutput, #krate::Error>
                where Self: __TwGives<__TwOutput>
                { <Self as __TwGives<__TwOutput>>::run(self, #(#passed),*) }
                #run_on_docs
                #vis fn run_on<__TwOutput>(#run_on_parameters) -> ::core::result::Result<__TwOutput, #krate::Error>
                where Self: __TwGives<__TwOutput>
                { #run_on }
            }
            /// What a run gives.
            #[doc(hidden)]
            #[allow(unreachable_pub, clippy::all, clippy::pedantic)]
            pub trait __TwGives<__TwOutput> {
                /// Runs it.
                fn run(&mut self, #(#declared),*) -> ::core::result::Result<__TwOutput, #krate::Error>;
            }
            #gives
        }
    }
}

/// What the docs say of `run`.
fn docs(tasks: usize, facts: &Facts) -> TokenStream {
    let Facts { critical_path, width, .. } = facts;
    let summary = format!(
        "Runs the graph: {tasks} tasks, {critical_path} on the longest path, at most {width} at once."
    );
    quote! {
        #[doc = #summary]
        ///
        /// One task after the other, without allocating; on the threads of the current scheduler, if earlier runs were long
        /// enough for that to pay.
        ///
        /// # Errors
        /// If a task panics, or returns an `Err` that the graph takes with `?`: that of the task that comes first in the
        /// depth-first order from the output, in which who takes a value comes after those that borrow it.
    }
}
