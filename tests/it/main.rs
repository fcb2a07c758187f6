//! The one integration test binary: the house rules, and scripts with golden text through the built binary.

mod cases;
mod cloud;
mod expressions;
mod formatting;
mod full_disk;
mod heal;
mod interrupt;
mod kill;
mod layering;
mod modules;
mod sandbox;
mod service_twice;
mod signals;
mod sources;
mod stop;
mod stop_small;
mod tidy;
mod two_at_once;
mod web;
