package grafana

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// UID of the provisioned data source.
const UID = "accord"

const (
	// askAgain is the pause between two looks at a Grafana that starts.
	askAgain   = 250 * time.Millisecond
	askTimeout = 30 * time.Second
	// dataSourceTimeout is how long the data source may take once Grafana is
	// there: its plugin starts with it.
	dataSourceTimeout = time.Minute
)

// ready waits for Grafana, and then for its data source.
func (s *Server) ready(ctx context.Context) error {
	if err := s.until(ctx, startTimeout, s.healthy); err != nil {
		return fmt.Errorf("waiting for Grafana: %w", err)
	}
	if err := s.until(ctx, dataSourceTimeout, s.dataSource); err != nil {
		return fmt.Errorf("waiting for the data source in Grafana %s (12.3 or later is needed): %w", s.version, err)
	}
	return nil
}

// until asks again and again until there is no error. The last one is told when
// time is over, or Grafana.
func (s *Server) until(ctx context.Context, limit time.Duration, ask func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := ask(limited)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.exited:
			return s.ended()
		case <-limited.Done():
			return fmt.Errorf("after %s: %w", limit, err)
		case <-time.After(askAgain):
		}
	}
}

func (s *Server) healthy(ctx context.Context) error {
	var health struct{ Database, Version string }
	if err := s.get(ctx, "/api/health", &health); err != nil {
		return err
	}
	if health.Database != "ok" {
		return errors.New("its database is not ready")
	}
	s.version = health.Version
	return nil
}

// dataSource takes any answer of the health check, good or bad, for one.
func (s *Server) dataSource(ctx context.Context) error {
	var health struct{ Status, Message string }
	if err := s.get(ctx, "/api/datasources/uid/"+UID+"/health", &health); err != nil {
		return err
	}
	switch health.Status {
	case "OK":
		s.health = ""
	case "ERROR":
		s.health = health.Message
	default:
		return errors.New(health.Message)
	}
	return nil
}

// get reads JSON, of an answer with any status.
func (s *Server) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("%s: %s: %w", path, response.Status, err)
	}
	return nil
}
