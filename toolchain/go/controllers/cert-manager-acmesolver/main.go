// Command cert-manager-acmesolver answers one HTTP-01 challenge, as cert-manager's acmesolver does. The module proxy
// does not serve upstream's own main.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	challenge := new(solver.HTTP01Solver)
	flags := pflag.NewFlagSet("acmesolver", pflag.ExitOnError)
	flags.IntVar(&challenge.ListenPort, "listen-port", 8089, "the port")
	flags.StringVar(&challenge.Domain, "domain", "", "the domain name that is verified")
	flags.StringVar(&challenge.Token, "token", "", "the challenge's token")
	flags.StringVar(&challenge.Key, "key", "", "the answer")
	_ = flags.Parse(os.Args[1:])
	logf.InitLogs()
	context.AfterFunc(ctx, func() { _ = challenge.Shutdown(context.Background()) })
	if err := challenge.Listen(logf.Log); err != nil && !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
