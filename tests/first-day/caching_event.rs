//! An event has happened: there is no decision to keep.

use wcs_hooks::{AllowAll, DecisionCache, DecisionKey, Hooks, hook};

fn main() {
    let decisions = DecisionCache::new("streams");
    let _ = Hooks::new(AllowAll).caching(hook::StreamStatus, &decisions, |_, stream| Some(DecisionKey::of([&stream.name])));
}
