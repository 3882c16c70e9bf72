// The file sync service, with the part of BuildKit played over gRPC within the process.
#include "daemon/buildkit/file_sync.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>

#include "absl/strings/str_cat.h"
#include "buildkit/session.grpc.pb.h"
#include "daemon/buildkit/synced_directory.h"
#include "tests/unit/buildkit/snapshots.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using fsutil::types::Packet;
using testing::ElementsAre;
using testing::HasSubstr;
using Metadata = std::vector<std::pair<std::string, std::string>>;

// What one transfer brought.
struct Received {
  std::vector<std::string> paths;
  std::map<std::string, std::string> files;
  size_t largest_piece = 0;
  std::string error;  // Of an ERR packet.
  grpc::Status status;
};

class FileSyncTest : public testing::Test {
 protected:
  FileSyncTest() {
    directories_["dockerfile"] = std::make_shared<MemoryDirectory>(
        std::map<std::string, std::string>{{"Dockerfile", "FROM scratch"}, {"other", "x"}});
    service_ = MakeFileSyncService(
        [this](const std::string& name) -> std::shared_ptr<const SyncedDirectory> {
          if (name == "context") return SnapshotOf(root_.path());
          return directories_.contains(name) ? directories_[name] : nullptr;
        },
        [this](const std::string&, int64_t bytes) { bytes_sent_ += bytes; });
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = moby::filesync::v1::FileSync::NewStub(server_->InProcessChannel({}));
  }

  // Asks, as the engine does, for the content of everything that may have one.
  Received ReceiveAll(const Metadata& metadata) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    const auto stream = stub_->DiffCopy(&context);
    Received received;
    std::map<uint32_t, std::string> open;
    bool listed = false;
    uint32_t next_id = 0;
    Packet packet;
    while (stream->Read(&packet)) {
      if (packet.type() == Packet::ERR) {
        received.error = packet.data();
        context.TryCancel();
      }
      if (packet.type() == Packet::STAT && !packet.has_stat()) listed = true;
      if (packet.type() == Packet::STAT && packet.has_stat()) {
        received.paths.push_back(packet.stat().path());
        const uint32_t id = next_id++;
        if ((packet.stat().mode() & kModeTypes) == 0 && packet.stat().link_name().empty()) {
          open[id] = packet.stat().path();
          stream->Write(PacketOf(Packet::REQ, id));
        }
      }
      if (packet.type() == Packet::DATA) Store(packet, open, received);
      if (listed && open.empty()) stream->Write(PacketOf(Packet::FIN, 0));
      if (packet.type() == Packet::FIN) break;
    }
    received.status = stream->Finish();
    return received;
  }

  static void Store(const Packet& packet, std::map<uint32_t, std::string>& open,
                    Received& received) {
    received.files[open[packet.id()]] += packet.data();
    received.largest_piece = std::max(received.largest_piece, packet.data().size());
    if (packet.data().empty()) open.erase(packet.id());
  }

  static Packet PacketOf(Packet::Type type, uint32_t id) {
    Packet packet;
    packet.set_type(type);
    packet.set_id(id);
    return packet;
  }

  TempDirectory root_;
  SyncedDirectories directories_;
  std::atomic<int64_t> bytes_sent_ = 0;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<moby::filesync::v1::FileSync::Stub> stub_;
};

TEST_F(FileSyncTest, SendsADirectoryWithItsFiles) {
  root_.Write("a/one", "1");
  root_.Write("a/empty", "");
  root_.Write("two", "22");

  const Received received = ReceiveAll({{"dir-name", "context"}});

  EXPECT_TRUE(received.status.ok()) << received.status.error_message();
  EXPECT_THAT(received.paths, ElementsAre("a", "a/empty", "a/one", "two"));
  EXPECT_EQ(received.files,
            (std::map<std::string, std::string>{{"a/empty", ""}, {"a/one", "1"}, {"two", "22"}}));
  EXPECT_GT(bytes_sent_, 3) << "the list counts too";
}

TEST_F(FileSyncTest, SendsAnEmptyDirectory) {
  const Received received = ReceiveAll({{"dir-name", "context"}});

  EXPECT_TRUE(received.status.ok()) << received.status.error_message();
  EXPECT_THAT(received.paths, testing::IsEmpty());
}

TEST_F(FileSyncTest, SendsLargeFilesInPiecesThatEveryEngineTakes) {
  const std::string large(3'500'000, 'x');
  root_.Write("large", large);

  const Received received = ReceiveAll({{"dir-name", "context"}});

  EXPECT_EQ(received.files.at("large"), large);
  EXPECT_LE(received.largest_piece, 1 << 20);
}

TEST_F(FileSyncTest, KeepsTheOrderOfPatternsThatIncludeAgain) {
  for (const char* file : {"out/a", "out/keep", "src"}) root_.Write(file, "");

  const Received received = ReceiveAll(
      {{"dir-name", "context"}, {"exclude-patterns", "out"}, {"exclude-patterns", "!out/keep"}});

  EXPECT_THAT(received.paths, ElementsAre("out", "out/keep", "src"));
}

TEST_F(FileSyncTest, DecodesPatternsThatTheEngineEncoded) {
  for (const char* file : {"ü a+b", "kept"}) root_.Write(file, "");

  const Received received = ReceiveAll({{"dir-name", "context"},
                                        {"exclude-patterns", "%C3%BC+a%2Bb"},
                                        {"exclude-patterns-encoded", "1"}});

  EXPECT_THAT(received.paths, ElementsAre("kept"));
}

TEST_F(FileSyncTest, SendsOnlyThePathsToFollow) {
  for (const char* file : {"app/x", "other/y"}) root_.Write(file, "");

  const Received received = ReceiveAll({{"dir-name", "context"}, {"followpaths", "app"}});

  EXPECT_THAT(received.paths, ElementsAre("app", "app/x"));
}

TEST_F(FileSyncTest, ServesTheDockerfileFromMemory) {
  const Received received = ReceiveAll({{"dir-name", "dockerfile"},
                                        {"followpaths", "Dockerfile"},
                                        {"followpaths", "Dockerfile.dockerignore"}});

  EXPECT_EQ(received.files, (std::map<std::string, std::string>{{"Dockerfile", "FROM scratch"}}));
}

TEST_F(FileSyncTest, RefusesADirectoryItDoesNotServe) {
  const Received received = ReceiveAll({{"dir-name", "secrets"}});

  EXPECT_EQ(received.status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(received.status.error_message(), HasSubstr("secrets"));
}

TEST_F(FileSyncTest, TellsTheEngineWhyItCannotList) {
  const Received received = ReceiveAll({{"dir-name", "context"}, {"exclude-patterns", "broken["}});

  EXPECT_THAT(received.error, HasSubstr("broken["));
}

TEST_F(FileSyncTest, EndsWhenAskedForAFileThatIsNotThere) {
  grpc::ClientContext context;
  context.AddMetadata("dir-name", "context");
  const auto stream = stub_->DiffCopy(&context);

  stream->Write(PacketOf(Packet::REQ, 99));
  Packet packet;
  while (stream->Read(&packet)) {
  }

  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(FileSyncTest, EndsWhenAFileIsAskedForTwice) {
  root_.Write("file", "text");
  grpc::ClientContext context;
  context.AddMetadata("dir-name", "context");
  const auto stream = stub_->DiffCopy(&context);
  Packet packet;
  ASSERT_TRUE(stream->Read(&packet));

  stream->Write(PacketOf(Packet::REQ, 0));
  stream->Write(PacketOf(Packet::REQ, 0));
  while (stream->Read(&packet)) {
  }

  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(FileSyncTest, SendsNoFurtherThanTheEngineReads) {
  constexpr size_t kSize = 200 << 20;
  root_.Write("large", "");
  std::filesystem::resize_file(root_.path() / "large", kSize);
  grpc::ClientContext context;
  context.AddMetadata("dir-name", "context");
  const auto stream = stub_->DiffCopy(&context);
  stream->Write(PacketOf(Packet::REQ, 0));
  Packet packet;
  while (stream->Read(&packet) && packet.type() != Packet::DATA) {
  }

  // Whoever reads meanwhile gets all of it.
  const Received other = ReceiveAll({{"dir-name", "dockerfile"}});

  EXPECT_EQ(other.files.size(), 2);
  EXPECT_LT(bytes_sent_, kSize / 10);
  context.TryCancel();
}

TEST_F(FileSyncTest, EndsWhenTheEngineGoesAwayInTheMiddle) {
  for (int i = 0; i < 300; ++i) root_.Write(absl::StrCat(i), "");
  grpc::ClientContext context;
  context.AddMetadata("dir-name", "context");
  const auto stream = stub_->DiffCopy(&context);
  Packet packet;
  ASSERT_TRUE(stream->Read(&packet));

  context.TryCancel();

  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  server_->Shutdown();
  server_->Wait();
}

TEST(SyncedDirectoryTest, GivesEqualTextAnEqualTimeAndOtherTextAnother) {
  const auto time_of = [](const std::string& text) {
    int64_t time = 0;
    EXPECT_TRUE(MemoryDirectory({{"Dockerfile", text}})
                    .Walk({},
                          [&](const FileStat& entry) {
                            time = entry.modified_ns;
                            return absl::OkStatus();
                          })
                    .ok());
    return time;
  };

  EXPECT_EQ(time_of("RUN a"), time_of("RUN a"));
  EXPECT_NE(time_of("RUN a"), time_of("RUN b"));
}

}  // namespace
}  // namespace nopo
