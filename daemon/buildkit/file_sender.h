// One transfer of a directory to BuildKit. Only for file_sync.cc: includes gRPC.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/sync_stream.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "buildkit/fsutil.pb.h"
#include "common/mutex.h"
#include "daemon/buildkit/synced_directory.h"

namespace nopo {

using PacketStream = grpc::ServerReaderWriter<fsutil::types::Packet, fsutil::types::Packet>;

// Lists the directory on one thread, sends the files that BuildKit lacks on others and reads
// BuildKit's requests on the caller's. Needs memory for one piece of a file per sending thread,
// however large the files are.
class FileSender {
 public:
  // `on_sent` is told the size of each message, on the sending threads. All must outlive this.
  FileSender(const SyncedDirectory& directory, grpc::ServerContext& context, PacketStream& stream,
             std::function<void(int64_t bytes)> on_sent);
  ~FileSender();

  // Blocks until BuildKit has all it wants, or the call ended. Once.
  grpc::Status Run(SyncRequest request);

 private:
  using Packet = fsutil::types::Packet;

  void List(const SyncRequest& request) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status SendStat(const FileStat& entry) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Enqueue(uint32_t id) ABSL_LOCKS_EXCLUDED(mutex_);
  void SendRequested() ABSL_LOCKS_EXCLUDED(mutex_);
  void SendFile(uint32_t id, const std::string& path, Packet& packet);
  bool Write(const Packet& packet) ABSL_LOCKS_EXCLUDED(write_mutex_);
  // Tells BuildKit why nothing more comes.
  void Fail(const absl::Status& failure) ABSL_LOCKS_EXCLUDED(mutex_);
  void StopThreads() ABSL_LOCKS_EXCLUDED(mutex_);

  const SyncedDirectory& directory_;
  grpc::ServerContext& context_;
  PacketStream& stream_;
  const std::function<void(int64_t)> on_sent_;

  Mutex write_mutex_;  // The stream takes one writer at a time.
  Mutex mutex_;
  CondVar changed_;
  // Path of each entry by id; "" for those without content, and once they were asked for.
  std::vector<std::string> paths_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::pair<uint32_t, std::string>> requested_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);

  std::thread lister_;
  std::vector<std::thread> senders_;  // Started as requests come in.
};

}  // namespace nopo
