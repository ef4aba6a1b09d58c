# usage: formula.rb FORMULA UNPACKED PREFIX
#
# Carries out a formula's `install` on a Mac with an arm64 processor, as far as ours needs Homebrew for it, and prints the
# address and sum that it would fetch there.
require "fileutils"

class Place < String
  def install(names)
    names.each { |name| FileUtils.cp_r(name, self, preserve: true) }
  end
end

class Formula
  def self.on_macos = yield
  def self.on_arm = yield
  def self.on_linux = nil
  def self.on_intel = nil
  def self.url(text) = (@url = text)
  def self.sha256(text) = puts("#{@url} #{text}")
  %i[desc homepage version license depends_on test].each { |name| define_singleton_method(name) { |*, **| } }
  def prefix = Place.new(ARGV[2])
end

load ARGV[0]
prefix = File.expand_path(ARGV[2])
ARGV[2] = prefix
Dir.chdir(ARGV[1]) { Virby.new.install }
abort "no caveats" if Virby.new.caveats.strip.empty?
