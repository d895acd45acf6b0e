package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/accord-sla/accord/pkg/catalog"
)

// maxProposal is the longest text that is validated, in bytes.
const maxProposal = 1 << 20

// proposal is the name of proposed documents in messages.
const proposal = "document.yaml"

// Validation is what is wrong with proposed documents.
type Validation struct {
	// Valid says that no document has an error; there may be warnings.
	Valid     bool              `json:"valid"`
	Documents int               `json:"documents"`
	Problems  []catalog.Problem `json:"problems"`
}

// validate reads the body as documents, each by itself: references are not
// followed, as in `accord validate --no-references`.
func (o Options) validate(r *http.Request) (any, error) {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxProposal))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, failure{http.StatusRequestEntityTooLarge, fmt.Errorf("the documents are longer than %d bytes, the limit", maxProposal)}
	case err != nil:
		return nil, failure{http.StatusBadRequest, fmt.Errorf("the documents cannot be read: %w", err)}
	}
	dir, err := os.MkdirTemp("", "accord-validate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, proposal), text, 0o600); err != nil {
		return nil, err
	}
	options := o.Documents
	options.NoReferences = true
	c, err := catalog.Load(r.Context(), dir, options)
	if err != nil {
		return nil, err
	}
	return Validation{Valid: !c.HasErrors(), Documents: c.Documents, Problems: list(c.Problems)}, nil
}
