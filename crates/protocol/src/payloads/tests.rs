//! Bodies read as the payload of every hook: those that the vendor published, and arbitrary ones.

mod arbitrary;
mod published;

use crate::{HookName, Payload, payloads};

/// Something to check of a hook, whatever its payload is.
trait Check {
    type Output;

    fn check<P: Payload>(self) -> Self::Output;
}

macro_rules! define_by_hook {
    ($( $(#[doc = $topic_docs:literal])* $Trait:ident for $topic:ident { $(
        $(#[doc = $docs:literal])*
        $kind:ident $func:ident = $name:literal $(| $other:literal)*: $Marker:ident($Payload:ident)
            $(-> $Report:ident)? $(may $repeat:ident)? $({ $($rest:tt)* })?;
    )* } )*) => {
        fn by_hook<C: Check>(hook: HookName, check: C) -> C::Output {
            match hook { $($( HookName::$Marker => check.check::<payloads::$Payload>(), )*)* }
        }
    };
}

__with_hooks!(define_by_hook);
