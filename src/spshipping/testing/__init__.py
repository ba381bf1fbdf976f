"""What tests import: a sandbox, replayed answers, factories, and assertions on what was sent."""
