# The machine: all virtio, a console that the host keeps, an address by DHCP with the MAC as identifier.
{ lib, ... }:

{
  boot = {
    kernelParams = [
      "console=hvc0"
      "panic=1"
    ];
    initrd.availableKernelModules = [
      "virtio_pci"
      "virtio_blk"
      "virtio_console"
      "virtio_net"
      "ext4"
    ];
    kernelModules = [
      "virtiofs"
      "vmw_vsock_virtio_transport"
    ];
    # Else any build could talk to the guest's own vsock.
    blacklistedKernelModules = [ "vsock_loopback" ];
    kernel.sysctl = {
      "kernel.panic" = 1;
      "kernel.panic_on_oops" = 1;
    };
  };

  networking = {
    hostName = lib.mkForce "virby-vm";
    useNetworkd = true;
    useDHCP = false;
    firewall.enable = lib.mkDefault false;
  };
  systemd.network = {
    wait-online.enable = false;
    networks."10-virby" = {
      matchConfig.Type = "ether";
      networkConfig.DHCP = "ipv4";
      # The host finds the lease by it.
      dhcpV4Config.ClientIdentifier = "mac";
    };
  };

  # Nobody sits at the console.
  systemd.services."getty@".enable = false;
  systemd.services."serial-getty@".enable = false;
}
