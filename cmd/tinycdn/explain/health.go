package explain

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/zones"
)

// Here is how POPs are, as the one that runs here has it; without one, somebody is asked who knows more, if there is such a one.
func Here(c *config.Config, elsewhere func() ([]zones.Down, error)) (health pop.Health, err error) {
	err = admin.ErrNobody
	if socket := c.Web.AdminSocket; socket != "" {
		err = askHealth(socket, &health)
	}
	if errors.Is(err, admin.ErrNobody) {
		health.Down, err = elsewhere()
	}
	return health, err
}

// withHealth is what a generation answers while POPs are as the one that runs here has them. If that cannot be asked, unknown
// says why; without one that runs, all are up.
func (q *Question) withHealth(g *pop.Generation) (s *zones.Snapshot, unknown, err error) {
	var health pop.Health
	unknown = admin.ErrNobody
	if socket := g.Config.Web.AdminSocket; socket != "" {
		unknown = askHealth(socket, &health)
	}
	if errors.Is(unknown, admin.ErrNobody) {
		unknown = q.whoKnows(g.Config)
	}
	s, err = g.SnapshotWith(health)
	return s, unknown, err
}

// whoKnows says where the health of POPs is known, if not by a POP here; nil: nobody looks at it.
func (q *Question) whoKnows(c *config.Config) error {
	if q.Published {
		return errors.New("the POP here has no socket (web.admin_socket)")
	}
	switch _, _, err := cluster.FolderOf(q.Config).Roster(); {
	case !errors.Is(err, cluster.ErrNoCluster) && len(c.POPs) > 0:
	case c.ChecksHealth(false):
		return errors.New("a POP says it where it runs")
	default:
		return nil
	}
	first := c.POPs[0]
	return fmt.Errorf("ask one of them (ssh %s tinycdn explain ...), or tinycdn status", cmp.Or(c.SSH[first.Name], "root@"+first.Addresses[0].String()))
}

// askHealth asks the POP at a socket which POPs are up.
func askHealth(socket string, health *pop.Health) error {
	client, err := admin.Dial(socket)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Health(context.Background(), health)
}
