package promserver

import (
	"net"
	"net/http"
	"sync"
)

// unused are connections that were opened and never asked anything: a client
// may dial two and need one. [http.Server.Shutdown] would wait for them.
type unused struct {
	mu          sync.Mutex
	connections map[net.Conn]struct{}
}

// note is an [http.Server] ConnState hook.
func (u *unused) note(connection net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.connections, connection)
		return
	}
	if u.connections == nil {
		u.connections = map[net.Conn]struct{}{}
	}
	u.connections[connection] = struct{}{}
}

func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for connection := range u.connections {
		_ = connection.Close() // nothing was asked, so nothing is lost
	}
}
