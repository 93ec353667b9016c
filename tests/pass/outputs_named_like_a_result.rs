//! A type whose name ends in `Result` need not be one.
use taskweave::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct FooResult {
    x: i32,
}
struct GenResult<T>(T);
type NoResult = u8;
trait Makes {
    type Result;
}
impl Makes for u16 {
    type Result = u32;
}

#[delayed]
fn foo(x: i32) -> FooResult {
    FooResult { x }
}
#[delayed]
fn generic(x: i32) -> GenResult<i32> {
    GenResult(x)
}
#[delayed]
fn plain(x: u8) -> NoResult {
    x
}
#[delayed]
fn of_any<T: Send + 'static>(x: u8, _with: T) -> NoResult {
    x
}
#[delayed]
fn projected(x: u32) -> <u16 as Makes>::Result {
    x
}

struct Fallback;
impl Fallback {
    const NONE: Result<u8, String> = Ok(0);
}
#[delayed]
fn whole(x: u8) -> Result<u8, String> {
    Ok(x)
}

fn main() -> Result<(), Error> {
    let graph = graph!({
        let x = foo(4).map(|foo| foo.x);
        let y = generic(3).map(|generic| generic.0);
        (x + y, plain(1), of_any(2, "three"), projected(4))
    });
    assert_eq!(graph.compute()?, (7, 1, 2, 4));

    let graph = graph!({
        let foo = foo(4).catch(|_| FooResult { x: 0 });
        (foo, plain(1).catch(|_| 0), projected(4).catch(|_| u32::MAX), whole(5).catch(|_| Fallback::NONE))
    });
    assert_eq!(graph.compute()?, (FooResult { x: 4 }, 1, 4, Ok(5)));
    Ok(())
}
