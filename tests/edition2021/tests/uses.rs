//! Delayed functions of another crate, in editions 2021 and 2024 (the other package links to this file).

use taskweave::prelude::*;

mod plain {
    use super::*;
    use taskweave_neighbour::fit;
    use taskweave_neighbour::steps::{largest, loss};

    #[test]
    fn by_plain_import() {
        let graph = graph!({
            let losses: Vec<_> = (0..3).map(|n| loss(&fit(f64::from(n)), 0.5)).collect();
            largest(losses)?
        });
        assert_eq!(graph.compute().unwrap(), 1.5);
        assert_eq!(fit(1.0).alpha, 1.0);
    }
}

mod glob {
    use super::*;
    use taskweave_neighbour::steps::*;

    #[test]
    fn by_glob_import() {
        assert_eq!(graph!({ loss(&fit(2.0), 0.5) }).compute().unwrap(), 1.5);
        assert_eq!(whole(&[1.0, 4.0]).compute().unwrap(), 3.0);
    }

    #[test]
    fn a_trait_object_as_the_parameter_of_a_public_function() {
        assert_eq!(
            graph!({
                let wrong = loss(&fit(2.0), 0.5);
                shown(&wrong)
            })
            .compute()
            .unwrap(),
            "1.5"
        );
    }
}

mod renamed {
    use super::*;
    use taskweave_neighbour::renamed_loss as how_wrong;
    use taskweave_neighbour::steps::fit as make;

    #[test]
    fn by_renamed_import() {
        let graph = graph!({ how_wrong(&make(2.0), 0.5) });
        let names: Vec<String> =
            graph.tasks().unwrap().iter().map(|task| task.name().to_string()).collect();
        assert_eq!(names, ["fit", "loss of a model"]);
        assert_eq!(graph.compute().unwrap(), 1.5);
    }
}

mod by_path {
    use super::*;

    #[test]
    fn by_path_without_import() {
        let graph =
            graph!({ taskweave_neighbour::steps::loss(&::taskweave_neighbour::fit(2.0), 0.5) });
        assert_eq!(graph.compute().unwrap(), 1.5);
    }

    #[test]
    fn a_task_of_a_library_keeps_the_users_line() {
        let graph = graph!({ taskweave_neighbour::fit(2.0) });
        let task = &graph.tasks().unwrap()[0];
        assert!(task.file().ends_with("uses.rs") && task.line() == line!() - 2);
    }
}

mod through_a_facade {
    use taskweave_neighbour::facade::weave;
    use weave::graph;

    #[weave::delayed(crate = taskweave_neighbour::facade::weave)]
    fn double(x: f64) -> f64 {
        2.0 * x
    }

    #[test]
    fn the_crate_may_be_elsewhere() {
        assert_eq!(graph!({ double(2.0) }).compute().unwrap(), 4.0);
    }
}

mod methods {
    use super::*;
    use taskweave_neighbour::steps::{Model, ModelTasks, Wrong, fit, halvings};

    #[test]
    fn on_handles_and_on_values() {
        let graph = graph!({
            let model = fit(2.0).scaled(1.5_f32)?;
            (model.predict(2.0), Model::new(1.0).predict(3.0))
        });
        let names: Vec<String> =
            graph.tasks().unwrap().iter().map(|task| task.name().to_string()).collect();
        assert_eq!(names, ["fit", "a scaled model", "Model::predict"]);
        assert_eq!(graph.compute().unwrap(), (6.0, 3.0));
        let error = graph!({ fit(2.0).scaled(0.0)? }).compute().unwrap_err();
        assert_eq!(error.task(), Some("a scaled model"));
    }

    #[test]
    fn graphs_that_grow_and_graphs_that_are_static() {
        assert_eq!(halvings(100.0).compute().unwrap(), 7);
        let mut wrong = Wrong::new();
        assert_eq!(wrong.run(2.0, 0.5).unwrap(), 1.5);
        const { assert!(Wrong::TASKS == 2) };
    }
}

mod again_and_again {
    use super::*;
    use taskweave::{assert_graph, gather, input};
    use taskweave_neighbour::steps::{ModelTasks, fit, largest, loss};

    #[test]
    fn a_frozen_graph_whose_inputs_are_set() {
        let graph = graph!({
            let (alpha, target) = (input("alpha", 1.0), input("target", 0.5));
            let model = fit(alpha);
            (loss(&model, target), model.predict(alpha * 2.0))
        });
        assert_graph!(graph, tasks == 4, depth <= 2, widest_level >= 2);
        let mut plan = graph.freeze().unwrap();
        assert_eq!(plan.run().unwrap(), (0.5, 2.0));
        plan.set("alpha", 3.0).unwrap();
        plan.set("target", 1.0).unwrap();
        assert_eq!(plan.run().unwrap(), (2.0, 18.0));
        let error = plan.set("alfa", 3.0).unwrap_err();
        assert!(error.to_string().contains("it has `alpha`, `target`"), "{error}");
    }

    #[test]
    fn results_steer_a_graph_that_owns_what_it_uses() {
        fn below(limit: f64, start: f64) -> Graph<'static, f64> {
            graph! { move
                let mut x = start;
                while loss(&fit(x), 0.0).await > limit {
                    x /= 2.0;
                }
                x
            }
        }
        let graph = graph!({
            let all = gather(vec![below(1.0, 100.0), below(2.0, 3.0)]);
            largest(all)?
        });
        assert_eq!(graph.compute().unwrap(), 1.5);
    }

    #[test]
    fn text_stops_a_graph_that_awaits() {
        fn known(text: &str) -> Result<f64, String> {
            text.parse().map_err(|error| format!("{text}: {error}"))
        }
        let graph = graph!({
            let wrong = loss(&fit(2.0), 0.5).await;
            wrong + known("x")?
        });
        assert!(format!("{:?}", graph.compute().unwrap_err()).contains("x: invalid float"));
    }
}
