//! Desired, live, schema → change with reasons.
