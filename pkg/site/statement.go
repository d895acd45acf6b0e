package site

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
)

func statementPath(e statement.Entry) string {
	return fmt.Sprintf("/statements/%s/%s?number=%d", url.PathEscape(e.Period), url.PathEscape(e.Agreement), e.Number)
}

// statement answers with a stored statement as it is printed, by default the last of its
// period. It is a page of its own, the same that the command line writes.
func (s *site) statement(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	stored, err := s.storedStatement(r)
	if err == nil {
		err = tables.WriteStatementHTML(&body, []*statement.Statement{stored})
	}
	if err != nil {
		s.page(func(*http.Request) (page, error) { return page{}, err }).ServeHTTP(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body.Bytes()) // the client may have gone
}

func (s *site) storedStatement(r *http.Request) (*statement.Statement, error) {
	number := 0
	if text := r.FormValue("number"); text != "" {
		var err error
		if number, err = strconv.Atoi(text); err != nil || number < 1 {
			return nil, notFound{fmt.Errorf("there is no statement number %q", text)}
		}
	}
	stored, _, err := s.archive.Read(r.PathValue("period"), r.PathValue("agreement"), number)
	if statement.IsRefused(err, statement.Absent) {
		return nil, notFound{err}
	}
	return stored, err
}
