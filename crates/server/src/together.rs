//! What many callers ask at the same time, answered many at a time.
//!
//! A look or a commit costs as much for fifty texts as for one. While it is quiet nobody waits for anybody: a question is taken at
//! once, and only what is asked while the workers are busy is taken together. Used by [`crate::intake`] and [`crate::sender`].

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

/// Questions `Q`, answers `A`. Its workers end with it.
pub struct Together<Q, A> {
    queue: mpsc::UnboundedSender<Asking<Q, A>>,
}

struct Asking<Q, A> {
    question: Q,
    answer: oneshot::Sender<A>,
}

type Waiting<Q, A> = Arc<Mutex<mpsc::UnboundedReceiver<Asking<Q, A>>>>;

/// Answering panicked; the panic is in the log.
#[derive(Debug, thiserror::Error)]
#[error("an answer was lost in a panic")]
pub struct Panicked;

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    /// Starts `workers` tasks, each of which takes at most `most` questions at once. `answer` answers each question of a list, in the
    /// order of the list.
    pub fn start<F>(workers: usize, most: usize, answer: impl Fn(Vec<Q>) -> F + Clone + Send + 'static) -> Self
    where
        F: Future<Output = Vec<A>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..workers {
            tokio::spawn(work(waiting.clone(), most, answer.clone()));
        }
        Self { queue }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// [`Panicked`].
    pub async fn ask(&self, question: Q) -> Result<A, Panicked> {
        let (answer, answered) = oneshot::channel();
        // The workers are there for as long as we are.
        let _ = self.queue.send(Asking { question, answer });
        answered.await.map_err(|_gone| Panicked)
    }
}

async fn work<Q, A, F>(waiting: Waiting<Q, A>, most: usize, answer: impl Fn(Vec<Q>) -> F)
where
    A: Send + 'static,
    F: Future<Output = Vec<A>> + Send + 'static,
{
    loop {
        let mut taken = Vec::new();
        if waiting.lock().await.recv_many(&mut taken, most).await == 0 {
            return;
        }
        let (questions, askers): (Vec<Q>, Vec<_>) =
            taken.into_iter().map(|Asking { question, answer }| (question, answer)).unzip();
        // In a task of its own, so that a panic takes these questions along and not the worker.
        let answers = tokio::spawn(answer(questions)).await.unwrap_or_default();
        for (asker, answer) in askers.into_iter().zip(answers) {
            // Who has gone away is not told.
            let _ = asker.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn what_is_asked_while_the_worker_is_busy_is_answered_together() {
        let (busy, free) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (at_work, may_go) = (busy.clone(), free.clone());
        let together = Arc::new(Together::start(1, 8, move |questions: Vec<u32>| {
            let (at_work, may_go) = (at_work.clone(), may_go.clone());
            async move {
                at_work.add_permits(1);
                may_go.acquire().await.unwrap().forget();
                let count = questions.len();
                questions.into_iter().map(|question| (question * 2, count)).collect()
            }
        }));
        let ask = |question| {
            let together = together.clone();
            tokio::spawn(async move { together.ask(question).await })
        };

        let first = ask(1);
        busy.acquire().await.unwrap().forget();
        let rest: Vec<_> = (2..6).map(ask).collect();
        // On this runtime of one thread, each of them has asked when it is our turn again.
        tokio::task::yield_now().await;
        free.add_permits(2);

        assert_eq!(first.await.unwrap().unwrap(), (2, 1));
        for (asked, question) in rest.into_iter().zip(2..6) {
            assert_eq!(asked.await.unwrap().unwrap(), (question * 2, 4));
        }
    }

    #[tokio::test]
    async fn a_panic_fails_its_own_questions_alone() {
        let together = Together::start(1, 8, |questions: Vec<u32>| async move {
            assert!(!questions.contains(&13), "unlucky");
            questions
        });

        assert!(together.ask(13).await.is_err());
        assert_eq!(together.ask(14).await.unwrap(), 14);
    }
}
