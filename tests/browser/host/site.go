package main

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// site answers a browser as Grafana does, as far as the plugin asks it.
type site struct {
	page, dist, icons string
	process           *process
	prometheus        *prometheus
}

const loginCookie = "login"

//go:embed index.html
var indexText string

var index = template.Must(template.New("index").Parse(indexText))

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", login)
	mux.HandleFunc("POST /api/ds/query", s.query)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { refuse(w, http.StatusNotFound, "Not found") })
	folder := func(prefix, path string) {
		mux.Handle("GET "+prefix, http.StripPrefix(prefix, http.FileServer(http.Dir(path))))
	}
	folder("/public/plugins/accord-sla-app/", s.dist)
	folder("/public/plugins/accord-sla-datasource/", filepath.Join(s.dist, "datasource"))
	mux.HandleFunc("GET /public/build/img/icons/", s.icon)
	folder("/public/fonts/", filepath.Join(s.page, "fonts"))
	folder("/host/", s.page)
	mux.HandleFunc("POST /test/prometheus/stop", control(s.prometheus.stop))
	mux.HandleFunc("POST /test/prometheus/start", control(s.prometheus.start))
	mux.HandleFunc("POST /test/backend/stop", control(s.process.stop))
	mux.HandleFunc("POST /test/backend/start", control(s.process.start))
	mux.HandleFunc("GET /public/", http.NotFound)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { _ = index.Execute(w, s.process.context(user(r))) })
	// ServeMux would redirect from an address with // or a name such as «..» in it.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/datasources/uid/"+uid+"/resources/") {
			s.resource(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// icon is one of Grafana's. Its package lacks a few that Grafana itself has: those are empty.
func (s *site) icon(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/public/build/img/icons/")
	w.Header().Set("Content-Type", "image/svg+xml")
	text, err := fs.ReadFile(os.DirFS(s.icons), name)
	if err != nil {
		text = []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"></svg>`)
	}
	_, _ = w.Write(text)
}

func control(do func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

func login(w http.ResponseWriter, r *http.Request) {
	var sent struct{ User string }
	err := json.NewDecoder(r.Body).Decode(&sent)
	if err != nil || !slices.Contains([]string{"viewer", "editor", "admin"}, sent.User) {
		refuse(w, http.StatusUnauthorized, "Invalid username or password")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: loginCookie, Value: sent.User, Path: "/", HttpOnly: true})
	answer(w, http.StatusOK, map[string]string{"message": "Logged in"})
}

// user is whoever asks, who has the role of the login's name; without a login one whom Grafana lets in without a name.
func user(r *http.Request) *backend.User {
	cookie, err := r.Cookie(loginCookie)
	if err != nil {
		return &backend.User{Role: "Viewer"}
	}
	role := strings.ToUpper(cookie.Value[:1]) + cookie.Value[1:]
	return &backend.User{Login: cookie.Value, Name: role, Email: cookie.Value + "@localhost", Role: role}
}

func (s *site) resource(w http.ResponseWriter, r *http.Request) {
	_, path, _ := strings.Cut(r.URL.EscapedPath(), "/resources/")
	response, err := s.process.resource(r, user(r), path)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	for name, values := range response.Headers {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body)
}

func (s *site) query(w http.ResponseWriter, r *http.Request) {
	response, err := s.process.query(r, user(r))
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	answer(w, statusOf(response), response)
}

// statusOf is Grafana's: one failed query fails the request.
func statusOf(response *backend.QueryDataResponse) int {
	for _, one := range response.Responses {
		if one.Error != nil {
			return http.StatusBadRequest
		}
	}
	return http.StatusOK
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"message": message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
