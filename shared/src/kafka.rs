//! Kafka: configuration from the environment, one client per execution environment, a producer that sends all and awaits all.
