// Serves directories to BuildKit: the sending side of fsutil's protocol over gRPC.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "daemon/buildkit/synced_directory.h"

namespace grpc {
class Service;
}

namespace nopo {

// By the name under which BuildKit asks for it.
using SyncedDirectories = std::map<std::string, std::unique_ptr<const SyncedDirectory>>;

// Told of every piece of a file that was sent; called on several threads.
using SentObserver = std::function<void(absl::string_view directory, int64_t bytes)>;

// A moby.filesync.v1.FileSync for `directories`, which must outlive it.
std::unique_ptr<grpc::Service> MakeFileSyncService(const SyncedDirectories& directories,
                                                   SentObserver on_sent);

}  // namespace nopo
