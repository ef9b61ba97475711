//! What addresses share that have not proved themselves: [`Shares`].

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
};

/// Units that have been taken, by network. A network may take no more than what is left for the others: alone it gets half of
/// all, and with it are as many halves as networks come, so that the next one finds some left.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    taken: usize,
    by_network: HashMap<IpAddr, usize>,
}

impl Shares {
    /// Whether the network may take these units more, of so many in all; they are to be given back.
    pub(crate) fn take(&mut self, network: IpAddr, units: usize, all: usize) -> bool {
        let own = self.by_network.get(&network).copied().unwrap_or(0).saturating_add(units);
        if own > all.saturating_sub(self.taken) {
            return false;
        }
        self.by_network.insert(network, own);
        self.taken += units;
        true
    }

    pub(crate) fn give_back(&mut self, network: IpAddr, units: usize) {
        let Entry::Occupied(mut own) = self.by_network.entry(network) else { return };
        let given = units.min(*own.get());
        self.taken -= given;
        *own.get_mut() -= given;
        if *own.get() == 0 {
            own.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    #[test]
    fn each_network_leaves_some_for_the_next() {
        let mut shares = Shares::default();
        let mut all_of = |number| (0..9999).take_while(|_| shares.take(network(number), 1, 1000)).count();
        let of_each: Vec<_> = (0..5).map(&mut all_of).collect();
        assert_eq!(of_each, [500, 250, 125, 63, 31]);
        assert_eq!((all_of(0), all_of(9)), (0, 16));
    }

    #[test]
    fn nothing_is_kept_of_what_was_given_back() {
        let mut shares = Shares::default();
        assert!(
            shares.take(network(1), 5, 10)
                && !shares.take(network(1), 1, 10)
                && shares.take(network(2), 5, 10)
        );
        shares.give_back(network(1), 2);
        assert!(!shares.take(network(1), 1, 10) && shares.take(network(3), 2, 10));
        for (number, units) in [(1, 3), (2, 5), (3, 2), (3, 7)] {
            shares.give_back(network(number), units);
        }
        assert_eq!((shares.taken, shares.by_network.len()), (0, 0));
    }
}
