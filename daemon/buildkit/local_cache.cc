#include "daemon/buildkit/local_cache.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

std::string AttrOf(const CacheEntry& entry, const std::string& name, const char* otherwise = "") {
  const auto found = entry.attrs.find(name);
  return found == entry.attrs.end() || found->second.empty() ? otherwise : found->second;
}

bool IsLocal(const CacheEntry& entry) { return entry.type == "local"; }

std::string TagOf(const CacheEntry& entry) { return AttrOf(entry, "tag", "latest"); }

}  // namespace

std::vector<CacheEntry> WithLocalDigests(std::vector<CacheEntry> entries) {
  const auto holds_nothing = [](CacheEntry& entry) {
    if (!IsLocal(entry) || !AttrOf(entry, "digest").empty()) return false;
    const absl::StatusOr<std::string> digest =
        OciLayout(AttrOf(entry, "src")).FindManifest(TagOf(entry));
    if (!digest.ok() || digest->empty()) return true;
    entry.attrs["digest"] = *digest;
    return false;
  };
  std::erase_if(entries, holds_nothing);
  return entries;
}

std::map<std::string, std::shared_ptr<const ContentStore>> LocalCacheStores(
    const std::vector<CacheEntry>& from, const std::vector<CacheEntry>& to) {
  std::map<std::string, std::shared_ptr<const ContentStore>> stores;
  const auto add = [&](const CacheEntry& entry, const char* attr, bool writable) {
    if (!IsLocal(entry)) return;
    const std::string directory = AttrOf(entry, attr);
    stores[absl::StrCat("local:", directory)] =
        std::make_shared<const ContentStore>(ContentStore{OciLayout(directory), writable});
  };
  for (const CacheEntry& entry : from) add(entry, "src", false);
  // After those that are read, for one directory may be both.
  for (const CacheEntry& entry : to) add(entry, "dest", true);
  return stores;
}

absl::Status TagLocalExports(const std::vector<CacheEntry>& entries, absl::string_view manifest) {
  for (const CacheEntry& entry : entries) {
    if (!IsLocal(entry) || manifest.empty()) continue;
    NOPO_RETURN_IF_ERROR(OciLayout(AttrOf(entry, "dest")).SetManifest(TagOf(entry), manifest));
  }
  return absl::OkStatus();
}

}  // namespace nopo
