# The formula for Homebrew, for a tap: brew install OWNER/tap/otop. scripts/release.ts fills in homepage, url and sha256;
# the filled-in file is part of each release.
class Otop < Formula
  desc "Dashboard of all running opencode sessions that shows which of them need you"
  homepage "https://github.com/OWNER/otop"
  url "https://github.com/OWNER/otop/releases/download/v0.0.0/otop-0.0.0.tgz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec.glob("bin/*")
    man1.install_symlink libexec.glob("share/man/man1/*")
    generate_completions_from_executable(bin/"otop", "completions")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/otop --version")
    assert_match "DEMO", shell_output("#{bin}/otop --demo --once")
  end
end
