//! The schema: numbered, idempotent migrations.
