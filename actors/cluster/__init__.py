"""Many servers as one: shards of a gateway and an engine, placed and watched through Ray."""
