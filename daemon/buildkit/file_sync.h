// Serves directories to BuildKit: the sending side of fsutil's protocol over gRPC.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/buildkit/synced_directory.h"

namespace grpc {
class Service;
}

namespace nopo {

// By the name under which BuildKit asks for it.
using SyncedDirectories = std::map<std::string, std::shared_ptr<const SyncedDirectory>>;

// The directory of a name, null when there is none. Called on several threads.
using DirectoryLookup =
    std::function<std::shared_ptr<const SyncedDirectory>(const std::string& name)>;

// Told the size of every message that was sent for a directory, whether it lists or holds files;
// called on several threads.
using SentObserver = std::function<void(const std::string& directory, int64_t bytes)>;

// A moby.filesync.v1.FileSync.
std::unique_ptr<grpc::Service> MakeFileSyncService(DirectoryLookup find, SentObserver on_sent);

}  // namespace nopo
