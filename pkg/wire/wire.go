// Package wire is the one JSON model of what Accord serves and prints: results,
// findings and documents as served. OpenAPI and the TypeScript types are
// generated from it. It converts from measured results and agreements; how they
// are told to people is in tables.
package wire
