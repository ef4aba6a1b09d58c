# Homebrew's formula, for a tap. `packaging/homebrew/formula` fills in what stands between @.
class Virby < Formula
  desc "Linux builder VM for Nix, started on demand"
  homepage "@HOMEPAGE@"
  version "@VERSION@"
  license "MIT"

  on_macos do
    depends_on macos: :sonoma
    depends_on "vfkit" => :recommended

    on_arm do
      url "@HOMEPAGE@/releases/download/v@VERSION@/virby-@VERSION@-macos-arm64.tar.gz"
      sha256 "@SHA256_MACOS_ARM64@"
    end
    on_intel do
      url "@HOMEPAGE@/releases/download/v@VERSION@/virby-@VERSION@-macos-amd64.tar.gz"
      sha256 "@SHA256_MACOS_AMD64@"
    end
  end

  on_linux do
    on_arm do
      url "@HOMEPAGE@/releases/download/v@VERSION@/virby-@VERSION@-linux-arm64.tar.gz"
      sha256 "@SHA256_LINUX_ARM64@"
    end
    on_intel do
      url "@HOMEPAGE@/releases/download/v@VERSION@/virby-@VERSION@-linux-amd64.tar.gz"
      sha256 "@SHA256_LINUX_AMD64@"
    end
  end

  def install
    prefix.install Dir["*"]
  end

  # No service block: brew services knows no inetdCompatibility, with which launchd hands over the socket.
  def caveats
    <<~EOS
      To set up the builder, with a launchd job that listens for it:
        sudo virby-install
      and before Virby is uninstalled:
        sudo virby-uninstall
    EOS
  end

  test do
    assert_equal version.to_s, shell_output("#{bin}/virby-image --version").lines.first.chomp
    system bin/"virby-keys", "ensure", testpath/"keys"
    system bin/"virby-keys", "check", testpath/"keys"
  end
end
