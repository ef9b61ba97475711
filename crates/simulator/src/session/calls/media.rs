//! How the SDPs of a call lead to its [`Relay`].

use super::{Leg, Session};
use crate::relay::{End, Relay};

impl Session {
    /// What the caller offers, as the callee gets it. If there is no port left, the call has no media.
    pub(super) async fn offer_by_relay(&mut self, id: &str) -> String {
        let address = self.shared.media_address;
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.offers_media()) else { return String::new() };
        match Relay::open(address, &leg.sdp).await {
            Ok(relay) => leg.relay.insert(relay).sdp_for(End::Answerer, &leg.sdp),
            Err(error) => {
                tracing::warn!(%address, %error, "No way for the media of a call");
                leg.sdp.clone()
            }
        }
    }
}

impl Leg {
    fn offers_media(&self) -> bool {
        !self.sdp.is_empty()
    }

    /// What the callee answers, as the caller gets it.
    pub(super) fn answer_by_relay(&self, sdp: &str) -> String {
        self.relay.as_ref().map_or_else(|| sdp.to_owned(), |relay| relay.sdp_for(End::Offerer, sdp))
    }
}
