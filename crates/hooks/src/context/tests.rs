use super::*;

#[test]
fn a_body_of_many_lines_is_logged_as_one_without_its_secrets() {
    let body = "{\r\n \"name\":\"a\",\n\n \"custom\":{\n\"token\":\"S\"}}\n";
    let fields = HookContext::default();
    let context = Context::new(fields, HookName::Connect, body.into(), Extensions::new(), None);
    assert_eq!(context.redacted_body(), r#"{   "name":"a",   "custom":{ "token":"[hidden]"}} "#);
}
