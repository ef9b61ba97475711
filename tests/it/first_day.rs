//! What the compiler says to the mistakes of a first day: the files of `first-day/`, with their expected messages.

#[test]
fn mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("first-day/*.rs");
}
