#include "daemon/buildkit/solve_request.h"

#include <boost/json.hpp>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "buildkit/control.pb.h"
#include "daemon/buildkit/image_name.h"
#include "daemon/buildkit/sha256.h"

namespace nopo {
namespace {

using moby::buildkit::v1::SolveRequest;
using moby::buildkit::v1::SolveResponse;

// A Dockerfile is served flat, whatever folder it is in on disk.
std::string ServedName(const SolveOptions& options) {
  return std::filesystem::path(options.dockerfile_name).filename().string();
}

// `local` lets FROM find images that only the engine has; a BuildKit elsewhere has none of its own.
std::string ResolveMode(const SolveOptions& options) {
  if (options.pull) return "pull";
  return options.destination == ImageDestination::kEngine ? "local" : "default";
}

// A name for the layout of image `name` that the syntax of references allows.
std::string StoreId(const std::string& name) {
  Sha256 hash;
  hash.Update(name);
  return absl::StrCat("nopo-", hash.Digest().substr(sizeof("sha256:") - 1, 16));
}

// As the frontend wants them: [{"Type": "registry", "Attrs": {"ref": "r.example/cache"}}].
std::string CacheImports(const std::vector<CacheEntry>& entries) {
  boost::json::array imports;
  for (const CacheEntry& entry : entries) {
    boost::json::object attrs;
    for (const auto& [name, value] : entry.attrs) attrs[name] = value;
    imports.push_back(boost::json::object{{"Type", entry.type}, {"Attrs", attrs}});
  }
  return boost::json::serialize(imports);
}

void FillCacheExports(const SolveOptions& options, SolveRequest& request) {
  // buildkitd falls over a request without one.
  request.mutable_cache();
  for (const CacheEntry& entry : options.cache_to) {
    auto& cache = *request.mutable_cache()->add_exports();
    cache.set_type(entry.type);
    cache.mutable_attrs()->insert(entry.attrs.begin(), entry.attrs.end());
  }
}

void FillFrontend(const SolveOptions& options, SolveRequest& request) {
  request.set_frontend("dockerfile.v0");
  auto& attrs = *request.mutable_frontend_attrs();
  attrs["filename"] = ServedName(options);
  attrs["image-resolve-mode"] = ResolveMode(options);
  if (!options.target.empty()) attrs["target"] = options.target;
  if (options.no_cache) attrs["no-cache"] = "";
  if (!options.network_mode.empty()) attrs["force-network-mode"] = options.network_mode;
  if (!options.platforms.empty()) attrs["platform"] = absl::StrJoin(options.platforms, ",");
  if (!options.cache_from.empty()) attrs["cache-imports"] = CacheImports(options.cache_from);
  if (options.network_mode == "host") request.add_entitlements("network.host");
  for (const auto& [name, value] : options.build_args) {
    attrs[absl::StrCat("build-arg:", name)] = value;
  }
  for (const auto& [name, value] : options.labels) attrs[absl::StrCat("label:", name)] = value;
  for (const auto& [name, image] : options.local_images) {
    attrs[absl::StrCat("context:", FamiliarImageName(name))] =
        absl::StrCat("oci-layout://", StoreId(name), "@", image.digest);
    // So that a frontend which does not know of contexts says so.
    attrs["frontend.caps"] = "moby.buildkit.frontend.contexts+forward";
  }
}

std::string ExporterOf(ImageDestination destination) {
  switch (destination) {
    case ImageDestination::kEngine:
      return "moby";
    case ImageDestination::kArchive:
      return "docker";
    case ImageDestination::kRegistry:
      return "image";
  }
  return "";
}

void FillExporter(const SolveOptions& options, SolveRequest& request) {
  auto& exporter = *request.add_exporters();
  exporter.set_type(ExporterOf(options.destination));
  auto& attrs = *exporter.mutable_attrs();
  if (options.destination == ImageDestination::kRegistry) attrs["push"] = "true";
  if (!options.tags.empty()) attrs["name"] = ExportedName(options);
  // Engine 20.10 reads only these, and without them it builds and keeps nothing.
  request.set_exporter_deprecated(exporter.type());
  *request.mutable_exporter_attrs_deprecated() = exporter.attrs();
}

std::string Find(const google::protobuf::Map<std::string, std::string>& map,
                 const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

}  // namespace

SolveRequest SolveRequestFrom(const SolveOptions& options, const std::string& dockerfile_directory,
                              const std::string& ref, const std::string& session_id) {
  SolveRequest request;
  request.set_ref(ref);
  request.set_session(session_id);
  // Writing the engine's build history costs a third of a build with nothing to do.
  request.set_internal(true);
  FillFrontend(options, request);
  // So that builds which share a session each have their own Dockerfile.
  (*request.mutable_frontend_attrs())["dockerfilekey"] = dockerfile_directory;
  FillExporter(options, request);
  FillCacheExports(options, request);
  return request;
}

std::string ExportedName(const SolveOptions& options) {
  std::vector<std::string> names = options.tags;
  if (options.destination != ImageDestination::kEngine) {
    for (std::string& name : names) name = CanonicalImageName(name);
  }
  return absl::StrJoin(names, ",");
}

std::map<std::string, std::shared_ptr<const ContentStore>> LocalImageStores(
    const SolveOptions& options) {
  std::map<std::string, std::shared_ptr<const ContentStore>> stores;
  for (const auto& [name, image] : options.local_images) {
    stores[absl::StrCat("oci:", StoreId(name))] =
        std::make_shared<const ContentStore>(ContentStore{.layout = image.layout});
  }
  return stores;
}

std::map<std::string, std::string> DockerfileDirectory(const SolveOptions& options) {
  const std::string name = ServedName(options);
  std::map<std::string, std::string> files = {{name, options.dockerfile_text}};
  if (options.dockerignore_text.has_value()) {
    files[absl::StrCat(name, ".dockerignore")] = *options.dockerignore_text;
  }
  return files;
}

std::string CacheManifest(const SolveResponse& response) {
  return Find(response.exporter_response(), "cache.manifest");
}

void ReadImageId(const SolveResponse& response, SolveResult& result) {
  const std::string digest = Find(response.exporter_response(), "containerimage.digest");
  const std::string config = Find(response.exporter_response(), "containerimage.config.digest");
  result.image_id = config.empty() ? digest : config;
  // Stores without manifests report the image's id under both names.
  result.manifest_digest = digest == result.image_id ? "" : digest;
}

}  // namespace nopo
