//! What goes wrong on the network, over sockets.
