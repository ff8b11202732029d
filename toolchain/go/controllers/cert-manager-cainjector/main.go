// Command cert-manager-cainjector is cert-manager's cainjector, without leader election: one replica. The module
// proxy does not serve upstream's own main.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/cert-manager/cert-manager/pkg/client/clientset/versioned/scheme"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	apireg "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	flags := pflag.NewFlagSet("cainjector", pflag.ExitOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	namespace := flags.String("namespace", "", "the only namespace whose Secrets are read")
	address := flags.String("metrics-listen-address", "0.0.0.0:9402", "the address of the metrics")
	_ = flags.Parse(os.Args[1:])
	if err := run(ctx, *namespace, *address); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, namespace, address string) error {
	logf.InitLogs()
	defer logf.FlushLogs()
	ctrl.SetLogger(logf.Log)
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	// The name of the program is also the owner of the fields that it writes.
	manager, err := newManager(util.RestConfigWithUserAgent(config, "cainjector"), namespace, address)
	if err != nil {
		return err
	}
	if err := cainjector.RegisterAllInjectors(ctx, manager, cainjector.SetupOptions{
		Namespace:                    namespace,
		EnableCertificatesDataSource: true,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   true,
			cainjector.ValidatingWebhookConfigurationName: true,
			cainjector.APIServiceName:                     true,
			cainjector.CustomResourceDefinitionName:       true,
		},
	}); err != nil {
		return err
	}
	return manager.Start(ctx)
}

func newManager(config *rest.Config, namespace, address string) (ctrl.Manager, error) {
	types := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		kscheme.AddToScheme, scheme.AddToScheme, apiext.AddToScheme, apireg.AddToScheme,
	} {
		if err := add(types); err != nil {
			return nil, err
		}
	}
	options := ctrl.Options{
		Scheme:  types,
		Cache:   cache.Options{ReaderFailOnMissingInformer: true},
		Metrics: metrics.Options{BindAddress: address},
		// The injectors watch only the metadata of Secrets, and read the Secrets themselves from the API server.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	}
	if namespace != "" {
		options.Cache.DefaultNamespaces = map[string]cache.Config{namespace: {}}
	}
	return ctrl.NewManager(config, options)
}
