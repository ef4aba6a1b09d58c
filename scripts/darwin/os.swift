// swift-argument-parser imports it for what the C headers have already.
@_exported import Darwin
