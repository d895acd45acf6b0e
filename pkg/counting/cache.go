package counting

import (
	"os"
	"path/filepath"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/slots"
)

// CacheVariable is the environment variable that names the folder in which counts
// are kept on disk.
const CacheVariable = "ACCORD_CACHE_DIR"

// Cache is where the counts of a connection outlive the process.
type Cache struct {
	Disk *slots.Disk // nil: in memory alone
	// Connection tells the server, and what it shows, from all others.
	Connection string
	// Missing is why there is no Disk.
	Missing string
}

// OpenCache is that of the connection to the server at the address, in the folder
// that the first of the environment variables names, else in the user's own. There
// nothing is kept of a server at a loopback address, which may be another one each
// time that a port is forwarded.
func OpenCache(address, connection string, variables ...string) Cache {
	const set = ": set the environment variable " + CacheVariable + ", or cache_dir of the plugin in Grafana's configuration"
	for _, name := range variables {
		if dir := os.Getenv(name); dir != "" {
			return Cache{Disk: slots.OpenDisk(filepath.Clean(dir), slots.DiskBytes), Connection: connection}
		}
	}
	if prometheus.IsThisMachine(address) {
		return Cache{Missing: "the address of the server is one of this machine, which may be another server each time" + set}
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return Cache{Missing: "no cache folder is known" + set}
	}
	return Cache{Disk: slots.OpenDisk(filepath.Join(user, "accord"), slots.DiskBytes), Connection: connection}
}

// Problem is why counts are remembered in memory alone; empty when they are not.
func (c Cache) Problem() string {
	if c.Disk == nil {
		return c.Missing
	}
	return c.Disk.Problem()
}
