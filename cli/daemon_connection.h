// The CLI's one connection to a daemon, which it starts when there is none.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/daemon_process.h"
#include "cli/observation.h"
#include "common/runtime_paths.h"

namespace grpc {
class Channel;
}

namespace nopo {

// Not thread-safe.
class DaemonConnection {
 public:
  // The user's daemon, at `paths`. `observation`, which must outlive this, is told how long it
  // takes to connect and to be answered.
  DaemonConnection(RuntimePaths paths, Observation& observation);
  // Ends a private daemon and waits until it is gone.
  ~DaemonConnection();
  DaemonConnection(const DaemonConnection&) = delete;
  DaemonConnection& operator=(const DaemonConnection&) = delete;

  const RuntimePaths& paths() const { return paths_; }
  Observation& observation() const { return observation_; }
  // Null until connected.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // From now on, connects to a daemon of its own, which ends with this object.
  //
  // Errors: those of Connect.
  absl::Status StartPrivateDaemon();

  // Connects unless connected; starts nopod when nobody listens. Any number of processes may do so
  // at once: one daemon comes of it.
  //
  // Errors: PERMISSION_DENIED when the socket is not the user's; otherwise why nopod does not
  // start.
  absl::Status Connect();

  // Connects to a daemon that runs.
  //
  // Errors: UNAVAILABLE when none does.
  absl::Status ConnectToRunning();

  void Disconnect() { channel_.reset(); }

  // Lets go of a daemon of another version, which ends by itself once it has nothing to do, waits
  // until it is gone and connects to one of this version.
  absl::Status Replace();

 private:
  absl::Status SpawnPrivateDaemon();
  absl::Status StartAndConnect();

  RuntimePaths paths_;
  Observation& observation_;
  std::shared_ptr<grpc::Channel> channel_;
  std::filesystem::path private_dir_;  // Of a private daemon's socket.
  std::optional<DaemonProcess> private_daemon_;
};

}  // namespace nopo
