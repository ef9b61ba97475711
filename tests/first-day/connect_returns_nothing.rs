//! The answer to `connect` is the connection, changed or not.

use wcs_hooks::{ConnectHandler, Context, HookResult, payloads::Connection};

struct Door;

impl ConnectHandler for Door {
    async fn connect(&self, _: Context, _: Connection) -> HookResult<()> {
        Ok(())
    }
}

fn main() {}
