use taskweave::prelude::*;

#[delayed]
fn shout(text: String) -> String {
    text.to_uppercase()
}

fn main() {
    let _graph = graph!({
        let name = shout("ada".to_string());
        let louder = shout(name);
        if name.await == "ADA" { louder } else { shout("bob".to_string()) }
    });
}
// Remedy: awaiting takes the value: await before it is passed on, lend it to the task with `&`, or `.clone()` the handle.
