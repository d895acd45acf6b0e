package catalog

import _ "embed"

// Schema is the JSON Schema (2020-12) of a document, or a list of them, for
// editors. It says
// which fields there are, what they mean and which words they take; what hangs
// on other documents or on PromQL is said by reading them. A field that names a
// document of another kind has that kind as x-reference (Contact: a contact of
// a Team, or a Team). Versions of OpenSLO other than v1 are not in it.
//
//go:embed schema.json
var Schema []byte
