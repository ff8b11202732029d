// Command stand-in takes the place of programs that cannot be built from Go modules: Linkerd's control plane, proxy and
// viz, OpenFaaS's gateway, Emissary, Kourier. It behaves like them only at their edges: ports, probes, metrics,
// webhooks, routes. README.md lists what each role does.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	name, args := roleName(os.Args)
	role, args, known := find(name, args)
	if !known {
		log.Fatalf("role: got %q, expected one of %s; set it as the first argument", name, strings.Join(names(), ", "))
	}
	log.Printf("stand-in for %s: a small replacement for tests and offline use, not %[1]s itself", role.replaces)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := role.run(ctx, parseArguments(args)); err != nil {
		log.Fatal(err)
	}
}

// roleName is the name that the program was started by, since charts override the entry point of some images, or else
// its first argument.
func roleName(args []string) (string, []string) {
	if name := filepath.Base(args[0]); name != "stand-in" {
		return name, args[1:]
	}
	if len(args) < 2 {
		return "", nil
	}
	return args[1], args[2:]
}

// arguments are the flags that a chart sets: most of them have no meaning here, so unknown ones are no error.
type arguments struct {
	flags map[string]string
	rest  []string
}

func parseArguments(args []string) arguments {
	parsed := arguments{flags: map[string]string{}}
	for index := 0; index < len(args); index++ {
		if !strings.HasPrefix(args[index], "-") {
			parsed.rest = append(parsed.rest, args[index])
			continue
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(args[index], "-"), "=")
		if !hasValue && index+1 < len(args) && !strings.HasPrefix(args[index+1], "-") {
			index++
			value = args[index]
		}
		parsed.flags[name] = value
	}
	return parsed
}

func (a arguments) get(name, missing string) string {
	if value, ok := a.flags[name]; ok {
		return value
	}
	return missing
}

func env(name, missing string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return missing
}
