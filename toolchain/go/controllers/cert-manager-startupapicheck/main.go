// Command cert-manager-startupapicheck ends when cert-manager's webhook answers: `check api --wait=1m`. The module proxy
// does not serve upstream's own main.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/cert-manager/cert-manager/pkg/util/cmapichecker"
	"github.com/spf13/pflag"
	ctrl "sigs.k8s.io/controller-runtime"
)

// pause is how long it waits before it checks again.
const pause = time.Second

func main() {
	flags := pflag.NewFlagSet("startupapicheck", pflag.ExitOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	wait := flags.Duration("wait", 0, "how long to check again")
	namespace := flags.String("namespace", os.Getenv("POD_NAMESPACE"), "the namespace of the CertificateRequest that is sent as a dry run")
	_ = flags.Parse(os.Args[1:])
	ctx, stop := context.WithTimeout(context.Background(), max(*wait, pause))
	defer stop()
	if err := check(ctx, *namespace); err != nil {
		log.Fatal(err)
	}
	log.Print("The cert-manager API is ready")
}

func check(ctx context.Context, namespace string) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	checker, err := cmapichecker.New(config, namespace)
	if err != nil {
		return err
	}
	for {
		err := checker.Check(ctx)
		if err == nil {
			return nil
		}
		log.Print(err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}
