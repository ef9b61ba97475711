use super::{Function, Source};

fn function(name: &str, line: usize, length: usize) -> Function {
    Function { name: name.to_owned(), line, length }
}

#[test]
fn comments_texts_and_characters_are_not_code() {
    for text in [
        "// fn a() { }",
        "/* fn a() { /* } */ fn b() { } */",
        r#"const A: &str = "fn a() { \" } \\";"#,
        r##"const A: &str = r#"fn a() { " }"#;"##,
        "const A: char = '{'; const B: char = '\\''; const C: &'static str = \"fn a() {}\";",
        "trait A { fn a(&self) -> [u8; 4]; }",
        "type A = fn (u8) -> u8;",
    ] {
        assert_eq!(Source::read(text).functions(), [], "{text}");
    }
}

#[test]
fn functions_are_measured_from_fn_to_brace() {
    let text = "
impl A {
    /// fn
    pub const fn one(&self) -> [u8; 4] { [b'}'; 4] }

    async fn three<'a>(
        a: &'a str,
    ) {
        fn inner() {
        }
    }
}
";
    let expected = [function("one", 4, 1), function("three", 6, 6), function("inner", 9, 2)];
    assert_eq!(Source::read(text).functions(), expected);
}

#[test]
fn inline_test_modules_do_not_count() {
    let text = r#"const A: &str = "kept";
// "comment"
#[cfg(test)]
mod tests {
    fn a() {}
    const B: &str = "test";
}
"#;
    let source = Source::read(text);
    assert_eq!((source.functions(), &*source.texts, source.lines), (vec![], &["kept".to_owned()][..], 2));
}

#[test]
fn macros_are_measured_by_their_definitions() {
    let text = "macro_rules! two {\n    ($a:ident) => { fn a() {} }; }\nfn b() {\n    macro_rules! one { () => {} }\n}\n";
    assert_eq!(Source::read(text).macro_lines(), 3);
}
