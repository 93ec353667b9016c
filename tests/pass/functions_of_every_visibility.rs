// Each is seen as far as its function, by its path, by name, and by everything at once.
#![deny(unreachable_pub, unused_qualifications, private_interfaces)]
use taskweave::prelude::*;

struct Private(f64);

mod outer {
    use taskweave::prelude::*;

    pub(crate) mod inner {
        use taskweave::prelude::*;

        #[derive(Clone, Copy)]
        struct Own(f64);

        #[delayed]
        fn private(x: f64) -> Own {
            Own(x)
        }
        #[delayed]
        pub(self) fn of_self(own: Own) -> f64 {
            own.0 + 1.0
        }
        #[delayed]
        pub(super) fn of_super(x: f64) -> f64 {
            x + 10.0
        }
        #[delayed]
        pub(in super::super) fn of_two_above(x: f64) -> f64 {
            x + 100.0
        }
        #[delayed]
        pub(in crate::outer) fn of_a_path(x: f64) -> f64 {
            x + 1_000.0
        }
        #[delayed]
        pub(crate) fn of_the_crate(x: f64) -> f64 {
            x + 10_000.0
        }
        #[delayed]
        pub(crate) fn r#match<T: Clone + Send + Sync + 'static>(x: T) -> T {
            x
        }
        pub(crate) fn both() -> Graph<'static, f64> {
            graph! { of_self(private(0.0)) }
        }
    }

    pub(crate) fn all() -> Graph<'static, f64> {
        use inner::*;
        graph! { of_a_path(of_super(of_two_above(of_the_crate(both())))) }
    }
}

#[delayed]
fn of_a_private_type(x: f64) -> Private {
    Private(x)
}
#[delayed]
fn back(x: &Private) -> f64 {
    x.0
}

fn main() {
    assert_eq!(outer::all().compute().unwrap(), 11_111.0);
    // In a block, with a type that only it knows; and in a block of another one.
    struct Local(f64);
    let first = {
        #[delayed]
        fn local(x: f64) -> Local {
            Local(x)
        }
        graph!({ local(1.0) }).compute().unwrap()
    };
    #[delayed]
    fn out_of(x: Local) -> f64 {
        x.0 + 1.0
    }
    use outer::inner::{of_two_above, r#match};
    let graph = graph!({
        let x = of_a_private_type(out_of(first));
        r#match(of_two_above(back(&x)))
    });
    assert_eq!(graph.compute().unwrap(), 102.0);
}
