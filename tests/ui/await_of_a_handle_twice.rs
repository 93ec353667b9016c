use taskweave::prelude::*;

#[delayed]
fn shout(text: String) -> String {
    text.to_uppercase()
}

fn main() {
    let _graph = graph!({
        let name = shout("ada".to_string());
        let length = name.await.len();
        if length > 2 { name.await } else { String::new() }
    });
}
// Remedy: awaiting takes the value, unless it is `Copy`: keep it, `let name = name.await;`, or write `name.clone().await`.
