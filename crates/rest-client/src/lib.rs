//! Client of the REST API of Flashphoner WCS: what a backend asks of it. Spec §10.
