// Package provisioning carries the example company's documents, so that the
// demo runs from the executable alone.
package provisioning

import "embed"

// SLAs is the folder slas: the documents of the example company.
//
//go:embed slas
var SLAs embed.FS
