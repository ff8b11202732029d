package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/cert-manager/cert-manager/pkg/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	"github.com/cert-manager/cert-manager/pkg/metrics"
	"sigs.k8s.io/yaml"
)

// settings are the flags that this build reads. A chart sets more; those are ignored.
type settings struct {
	kubeconfig, namespace           string
	metricsAddress, healthzAddress  string
	issuerName, issuerKind          string
	issuerGroup                     string
	gatewayAPI, ownerRef, inCluster bool
}

func parse(args []string) (settings, error) {
	var given settings
	var config string
	flags := flag.NewFlagSet("controller", flag.ContinueOnError)
	flags.StringVar(&given.kubeconfig, "kubeconfig", "", "the cluster's kubeconfig file; default: the pod's ServiceAccount")
	flags.StringVar(&given.namespace, "cluster-resource-namespace", "cert-manager", "the namespace of ClusterIssuers' Secrets")
	flags.StringVar(&given.metricsAddress, "metrics-listen-address", "0.0.0.0:9402", "where metrics are served in a pod")
	flags.StringVar(&given.healthzAddress, "healthz-listen-address", "0.0.0.0:9403", "where probes are served in a pod")
	flags.StringVar(&given.issuerName, "default-issuer-name", "", "the issuer of Ingresses that name none")
	flags.StringVar(&given.issuerKind, "default-issuer-kind", "Issuer", "its kind")
	flags.StringVar(&given.issuerGroup, "default-issuer-group", "cert-manager.io", "its API group")
	flags.StringVar(&config, "config", "", "a ControllerConfiguration file, of which the Gateway API and the owner reference are read")
	flags.BoolVar(&given.gatewayAPI, "enable-gateway-api", false, "whether to issue certificates for Gateways")
	flags.BoolVar(&given.ownerRef, "enable-certificate-owner-ref", false, "whether a certificate's Secret is deleted with it")
	if err := flags.Parse(known(flags, args)); err != nil {
		return given, err
	}
	given.inCluster = given.kubeconfig == ""
	if config == "" {
		return given, nil
	}
	return given, given.read(config)
}

// known keeps the arguments that are flags of the set; charts write each as --name=value.
func known(flags *flag.FlagSet, args []string) []string {
	var kept []string
	for _, each := range args {
		name, _, _ := strings.Cut(strings.TrimLeft(each, "-"), "=")
		if flags.Lookup(name) != nil {
			kept = append(kept, each)
		}
	}
	return kept
}

func (s *settings) read(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var config v1alpha1.ControllerConfiguration
	if err := yaml.Unmarshal(text, &config); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, each := range []struct {
		set  *bool
		into *bool
	}{
		{config.EnableGatewayAPI, &s.gatewayAPI},
		{config.GatewayAPIConfig.Enabled, &s.gatewayAPI},
		{config.EnableCertificateOwnerRef, &s.ownerRef},
	} {
		if each.set != nil {
			*each.into = *each.set
		}
	}
	return nil
}

// options are upstream's defaults.
func (s *settings) options() controller.ContextOptions {
	return controller.ContextOptions{
		Kubeconfig:         s.kubeconfig,
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		IssuerOptions:      controller.IssuerOptions{ClusterResourceNamespace: s.namespace},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerName:                 s.issuerName,
			DefaultIssuerKind:                 s.issuerKind,
			DefaultIssuerGroup:                s.issuerGroup,
			DefaultAutoCertificateAnnotations: []string{"kubernetes.io/tls-acme"},
		},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:                           s.ownerRef,
			CopiedAnnotationPrefixes:                 []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"},
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
		ConfigOptions: controller.ConfigOptions{EnableGatewayAPI: s.gatewayAPI},
	}
}

// serve answers probes and metrics in a pod; several controllers next to a simulated cluster would share the ports.
func (s *settings) serve(ctx context.Context, collected *metrics.Metrics) error {
	if !s.inCluster {
		return nil
	}
	probes, err := net.Listen("tcp", s.healthzAddress)
	if err != nil {
		return err
	}
	scrapes, err := net.Listen("tcp", s.metricsAddress)
	if err != nil {
		return err
	}
	go func() { _ = healthz.NewServer(20*time.Second).Start(ctx, probes) }()
	go func() { _ = collected.NewServer(scrapes).Serve(scrapes) }()
	return nil
}
